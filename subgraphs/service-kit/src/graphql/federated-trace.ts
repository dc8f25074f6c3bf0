import { Trace } from '@apollo/usage-reporting-protobuf';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLFormattedError, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';

type Path = GraphQLResolveInfo['path'];

/**
 * How long each field took, in the form in which routers collect it (Apollo federated tracing, `ftv1`). Only for operations that ask for it: all
 * others run on a schema that knows nothing of it.
 */
export class FederatedTrace {
  private readonly startedAt = process.hrtime.bigint();
  private readonly root = new Trace.Node();
  private readonly nodes = new Map<Path | undefined, Trace.Node>([[undefined, this.root]]);
  private readonly trace = new Trace({ startTime: timestamp(new Date()), root: this.root, fieldExecutionWeight: 1 });

  /** Call the result when the field has its value. */
  begin({ path, returnType, parentType, fieldName }: GraphQLResolveInfo): () => void {
    const node = this.nodeAt(path);
    node.type = String(returnType);
    node.parentType = parentType.name;
    if (fieldName !== path.key) node.originalFieldName = fieldName;
    node.startTime = this.elapsedNs();
    return () => {
      node.endTime = this.elapsedNs();
    };
  }

  /** Base64 of the encoded trace, with what clients hear of errors. */
  finish(errors: readonly GraphQLFormattedError[]): string {
    for (const { message, path } of errors) (path ? this.find(path) : this.root).error.push(new Trace.Error({ message }));
    this.trace.durationNs = this.elapsedNs();
    this.trace.endTime = timestamp(new Date());
    return Buffer.from(Trace.encode(this.trace).finish()).toString('base64');
  }

  /** Fields below each other have the same path objects above them. */
  private nodeAt(path: Path): Trace.Node {
    const known = this.nodes.get(path);
    if (known) return known;
    const parent = path.prev ? this.nodeAt(path.prev) : this.root;
    const node = new Trace.Node(typeof path.key === 'number' ? { index: path.key } : { responseName: path.key });
    parent.child.push(node as (typeof parent.child)[number]);
    this.nodes.set(path, node);
    return node;
  }

  /** The deepest node that the path reaches. */
  private find(path: readonly (string | number)[]): Trace.INode & { error: Trace.IError[] } {
    let node: Trace.INode = this.root;
    for (const key of path) {
      const next: Trace.INode | undefined = node.child?.find((each) => (typeof key === 'number' ? each.index : each.responseName) === key);
      if (!next) break;
      node = next;
    }
    return Object.assign(node, { error: node.error ?? [] });
  }

  private elapsedNs(): number {
    return Number(process.hrtime.bigint() - this.startedAt);
  }
}

const traces = new WeakMap<object, FederatedTrace>();

/** What runs with this context is traced, where it runs on a schema that traces. */
export function beginTrace(context: object): FederatedTrace {
  const trace = new FederatedTrace();
  traces.set(context, trace);
  return trace;
}

/** The same schema, each field of which tells the trace of its context. */
export function tracingSchema(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field) => {
      const { resolve = defaultFieldResolver } = field;
      return {
        ...field,
        resolve: (source, args, context, info) => {
          const end = traces.get(context)?.begin(info);
          if (!end) return resolve(source, args, context, info);
          const value: unknown = ended(() => resolve(source, args, context, info), end);
          return value;
        },
      };
    },
  });
}

function ended(work: () => unknown, end: () => void): unknown {
  let value: unknown;
  try {
    value = work();
  } catch (error) {
    end();
    throw error;
  }
  if (value instanceof Promise) return value.finally(end);
  end();
  return value;
}

const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;

function timestamp(date: Date) {
  const ms = date.getTime();
  return { seconds: Math.floor(ms / MS_PER_SECOND), nanos: (ms % MS_PER_SECOND) * NS_PER_MS };
}
