import { Money } from '@tessera/service-kit/graphql';
import { stringify } from 'csv-stringify/sync';
import type { StatementReader } from './statement.ts';
import type { StatementRange } from './statement-range.ts';

const PAGE_ROWS = 1_000;
const COLUMNS = ['time', 'transfer', 'code', 'counterparty', 'note', 'amount', 'balance', 'currency'];
/** Spreadsheets take UTF-8 for something else without it. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * RFC 4180, in UTF-8: the opening balance, a row for each line, the closing balance. Amounts are decimals with a point and exactly the digits
 * of the currency, so they stay numbers; text that a spreadsheet would run as a formula gets an apostrophe in front.
 */
export async function* statementCsv(reader: StatementReader, { from, to }: StatementRange, currency: string): AsyncGenerator<string> {
  const { openingMinor, closingMinor } = await reader.bounds();
  const balance = (day: string, code: string, minor: bigint) => [day, '', code, '', '', '', new Money(currency, minor), currency];
  yield BYTE_ORDER_MARK + csv([COLUMNS, balance(from, 'OPENING_BALANCE', openingMinor)]);
  for await (const rows of reader.pages(PAGE_ROWS)) {
    yield csv(
      rows.map(({ createdAt, transferId, code, counterparty, note, amountMinor, balanceMinor }) => {
        const amounts = [new Money(currency, amountMinor), new Money(currency, balanceMinor)];
        return [createdAt.toISOString(), transferId, code, counterparty, note ?? '', ...amounts, currency];
      }),
    );
  }
  yield csv([balance(to, 'CLOSING_BALANCE', closingMinor)]);
}

function csv(rows: readonly (readonly (string | Money)[])[]): string {
  return stringify(rows as (string | Money)[][], {
    record_delimiter: 'windows',
    escape_formulas: true,
    // Some spreadsheets part cells at semicolons: what stands in quotes stays whole.
    quoted_string: true,
    // A minus sign in front of our own digits is no formula.
    cast: { object: ({ decimal }) => ({ value: String(decimal), escape_formulas: false, quoted_string: false }) },
  });
}
