import { describe, expect, it } from '@jest/globals';
import { DatabaseError } from 'pg';
import { isMissingPartition } from './partitions.ts';

function anError(message: string, fields: Partial<DatabaseError>): DatabaseError {
  return Object.assign(new DatabaseError(message, 0, 'error'), fields);
}

describe('a missing partition', () => {
  it('is known by its code, whatever language the server speaks', () => {
    const told = anError('keine Partition von Relation »transfers« für die Zeile gefunden', { code: '23514', table: 'transfers' });
    expect(isMissingPartition(told)).toBe(true);
  });

  it.each([
    ['a check of the table', { code: '23514', table: 'transfers', constraint: 'transfers_code_format' }],
    ['a check of another', { code: '23514', table: 'accounts' }],
    ['something else', { code: '23505', table: 'transfers' }],
  ])('is not %s', (_what, fields) => {
    expect(isMissingPartition(anError('no partition of relation', fields))).toBe(false);
  });
});
