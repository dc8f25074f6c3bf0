/** What is needed of swc's many node types: every function has a body, and everything has a span. */
interface Node {
  readonly type?: unknown;
  readonly [field: string]: unknown;
}

export interface FoundFunction {
  readonly name: string;
  readonly span: { readonly start: number; readonly end: number };
  /** Handed to `describe`, in any of its forms. */
  readonly isSuite: boolean;
}

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
  'StaticBlock',
]);

/** Every function below a node, nested ones too, named by what it is assigned to where it has no name of its own. */
export function functionsIn(root: unknown): readonly FoundFunction[] {
  const found: FoundFunction[] = [];
  walk(root, { name: 'anonymous function', isSuite: false });
  return found;

  function walk(value: unknown, around: { readonly name: string; readonly isSuite: boolean }): void {
    if (Array.isArray(value)) for (const item of value) walk(item, around);
    if (!isNode(value) || Array.isArray(value)) return;

    const here = { name: nameOf(value) ?? around.name, isSuite: around.isSuite };
    if (isFunction(value)) found.push({ ...here, span: value.span });
    const below = isFunction(value) ? { name: `a function in ${here.name}`, isSuite: false } : here;
    for (const [field, child] of Object.entries(value)) {
      walk(child, field === 'arguments' ? { ...below, isSuite: isDescribe(value.callee) } : below);
    }
  }
}

function nameOf(node: Node): string | undefined {
  if (node.type === 'Constructor') return 'constructor';
  const named = [node.identifier, node.key, node.id].find(isNode);
  return typeof named?.value === 'string' ? named.value : undefined;
}

/** `describe(…)`, `describe.only(…)`, `describe.each(rows)(…)`. */
function isDescribe(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === 'Identifier') return callee.value === 'describe';
  return isDescribe(callee.object ?? callee.callee ?? callee.tag);
}

function isFunction(node: Node): node is Node & Pick<FoundFunction, 'span'> {
  return typeof node.type === 'string' && functionTypes.has(node.type);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
