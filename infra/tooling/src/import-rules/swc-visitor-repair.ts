import swc from '@swc/core';
import { Visitor } from '@swc/core/Visitor.js';

/*
 * dependency-cruiser finds imports with swc's deprecated Visitor, which stops at `using` declarations and never looks into
 * import types, parameter decorators, parameter properties or auto-accessors. Here the walk itself is replaced by one that
 * knows no node types and so misses none; what counts as an import is still decided by dependency-cruiser's overrides.
 * `fixtures/import-rules/resolvable` proves it.
 */

type Visit = (node: unknown) => unknown;
type Visits = Record<string, Visit> & { visitModule(module: { readonly body: unknown }): unknown };

// Its declared types forbid the assignments below, and are incomplete.
const visitor = Visitor.prototype as unknown as Visits;

visitor.visitModule = function visitModule(this: Visits, module) {
  walk(module.body, this);
  return module;
};

const visitOf = {
  ImportDeclaration: 'visitImportDeclaration',
  ExportNamedDeclaration: 'visitExportNamedDeclaration',
  ExportAllDeclaration: 'visitExportAllDeclaration',
  TsImportEqualsDeclaration: 'visitTsImportEqualsDeclaration',
  CallExpression: 'visitCallExpression',
} as const;

// The walk goes below these nodes by itself; the original recursion is the part that throws.
for (const method of [...Object.values(visitOf), 'visitTsTypeAnnotation']) visitor[method] = (node) => node;

function walk(node: unknown, overrides: Visits): void {
  if (node === null || typeof node !== 'object') return;
  if ('type' in node) visit(node, node.type, overrides);
  for (const child of Object.values(node)) walk(child, overrides);
}

function visit(node: object, type: unknown, overrides: Visits): void {
  // dependency-cruiser looks for an import type directly below an annotation; this shows it all of them there.
  if (type === 'TsImportType') overrides.visitTsTypeAnnotation?.({ typeAnnotation: node });
  else if (isVisited(type)) overrides[visitOf[type]]?.(node);
}

function isVisited(type: unknown): type is keyof typeof visitOf {
  return typeof type === 'string' && Object.hasOwn(visitOf, type);
}

// dependency-cruiser asks for TypeScript without JSX, whatever the file is called.
const parseFileSync = swc.parseFileSync;
swc.parseFileSync = ((path, options) =>
  parseFileSync(path, { ...options, syntax: 'typescript', tsx: path.endsWith('.tsx') })) as typeof swc.parseFileSync; // overloaded
