import { ArgsType, type ClassType, Directive, Field, Int, ObjectType } from 'type-graphql';
import { Cursor } from '../graphql/scalars.ts';

@Directive('@shareable')
@ObjectType({ description: 'Where a page lies in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more after this page.' }) readonly hasNextPage!: boolean;
  @Field(() => Boolean, { description: 'Whether there is more before this page.' }) readonly hasPreviousPage!: boolean;
  @Field(() => Cursor, { nullable: true, description: 'Cursor of the first edge; null on an empty page.' }) readonly startCursor!:
    | string
    | null;
  @Field(() => Cursor, { nullable: true, description: 'Cursor of the last edge; null on an empty page.' }) readonly endCursor!:
    | string
    | null;
}

@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the start, 1 to 100; 20 when neither first nor last is given.' })
  first?: number;
  @Field(() => Cursor, { nullable: true, description: 'Continue after this cursor.' }) after?: string;
  @Field(() => Int, { nullable: true, description: 'How many from the end, 1 to 100.' }) last?: number;
  @Field(() => Cursor, { nullable: true, description: 'Continue before this cursor.' }) before?: string;
}

export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[];
  readonly pageInfo: PageInfo;
  /** Counted only when the client asks. */
  readonly countAll: () => Promise<number | null>;
}

/** The Relay types of a list: `${name}Edge` and `${name}Connection`. Call once per list, at module level. */
export function connectionTypes<Node extends object>(name: string, nodeType: () => ClassType<Node>) {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list.` })
  class Edge {
    @Field(nodeType, { description: 'The thing itself.' }) readonly node!: Node;
    @Field(() => Cursor, { description: 'Its place in the list.' }) readonly cursor!: string;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.` })
  class ConnectionType implements Connection<Node> {
    @Field(() => [Edge], { description: 'The page, in order.' }) readonly edges!: readonly Edge[];
    @Field(() => PageInfo, { description: 'Where the page lies.' }) readonly pageInfo!: PageInfo;
    readonly countAll: () => Promise<number | null>;

    constructor({ edges, pageInfo, countAll }: Connection<Node>) {
      this.edges = edges;
      this.pageInfo = pageInfo;
      this.countAll = countAll;
    }

    @Field(() => Int, { nullable: true, description: 'How many there are in all; counted only when asked for.' })
    totalCount(): Promise<number | null> {
      return this.countAll();
    }
  }
  return ConnectionType;
}
