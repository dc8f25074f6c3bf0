import { describe, expect, it } from '@jest/globals';

const applied: string[] = [];
const note = (name: string) => (_target: object, _key: string | symbol, place?: unknown) => {
  applied.push(`${name} ${typeof place}`);
};

class Base {
  constructor() {
    Object.assign(this, { stored: 'from storage' });
  }
}

/** What ORM and GraphQL classes look like: declared, never assigned. */
class Row extends Base {
  declare readonly ambient: string;
  readonly stored!: string;
  @note('property') readonly decorated!: string;

  read(@note('parameter') key: 'stored' | 'decorated') {
    return this[key];
  }
}

describe('jest, as tsc does', () => {
  it('leaves a field alone that is only declared', () => {
    expect(new Row().read('stored')).toBe('from storage');
    expect(Object.keys(new Row())).toEqual(['stored']);
  });

  it('applies legacy decorators, parameters included, without type metadata', () => {
    expect(applied).toEqual(['property undefined', 'parameter number']);
    expect(Reflect).not.toHaveProperty('metadata');
  });

  it('keeps class names, which schemas are built from', () => {
    expect(Row.name).toBe('Row');
  });

  it('resolves a workspace to its sources', () => {
    expect(import.meta.resolve('@tessera/schema/contract')).toMatch(/\/schema\/contract\/src\/index\.ts$/);
    expect(import.meta.resolve('./run-tests.ts')).toMatch(/\/infra\/tooling\/src\/run-tests\.ts$/);
  });
});
