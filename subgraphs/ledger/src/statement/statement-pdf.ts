import { Money } from '@tessera/service-kit/graphql';
import PDFDocument from 'pdfkit';
import { turn } from '../engine/index.ts';
import { BOLD_FONT, createPdfText, REGULAR_FONT } from './pdf-text.ts';
import type { StatementRow, StatementTotals } from './read-statement.ts';
import type { StatementReader } from './statement.ts';
import type { StatementRange } from './statement-range.ts';

const PAGE_ROWS = 500;
/** Rows that are set without a turn of the event loop: setting one takes about half a millisecond. */
const ROWS_AT_A_TIME = 20;
/** Sheets after which the words that were set are forgotten. */
const SHEETS_REMEMBERED = 20;
const MARGIN = 48;
const FOOTER_SPACE = 36;
const ROW_GAP = 7;
const SIZE = { title: 18, text: 9, small: 7.5 };
const COLOUR = { text: '#111111', quiet: '#5c5c5c', line: '#c8c8c8' };
const A4 = { width: 595.28, height: 841.89 };
const RIGHT = A4.width - MARGIN;
const BOTTOM = A4.height - MARGIN - FOOTER_SPACE;
const COLUMN = {
  date: { x: MARGIN, width: 66 },
  details: { x: MARGIN + 72, width: 171 },
  amount: { x: MARGIN + 251, width: 120 },
  balance: { x: MARGIN + 379, width: RIGHT - MARGIN - 379 },
};
/** From this length on an amount is written smaller, so that all 64 bits and three decimals fit into a column. */
const LONG_AMOUNT = 19;
/** Keeps the digits of an amount together. */
const JOINING_SPACE = '\u00A0';

export interface StatementOf {
  readonly walletId: string;
  readonly currency: string;
  readonly ownersName: string;
  readonly range: StatementRange;
  readonly now: Date;
}

/** The statement as a document for people, page after page: it never lies in memory as a whole. */
export async function* statementPdf(reader: StatementReader, of: StatementOf): AsyncGenerator<Buffer> {
  const paper = new Paper(of);
  paper.head(await reader.bounds(), await reader.totals());
  let isEmpty = true;
  for await (const rows of reader.pages(PAGE_ROWS)) {
    isEmpty = false;
    for (const [at, row] of rows.entries()) {
      paper.row(row);
      if (at % ROWS_AT_A_TIME === 0) await turn();
      yield* paper.finished();
    }
  }
  paper.end(isEmpty);
  yield* paper.finished();
}

/** A4 sheets that are filled from the top. */
class Paper {
  readonly #of: StatementOf;
  readonly #doc: PDFKit.PDFDocument;
  readonly #text: ReturnType<typeof createPdfText>;
  #y = MARGIN;
  #page = 0;

  constructor(of: StatementOf) {
    this.#of = of;
    const title = `Statement ${of.range.from} to ${of.range.to}`;
    this.#doc = new PDFDocument({
      ...{ size: 'A4', autoFirstPage: false, lang: 'en', displayTitle: true, margin: 0 },
      info: { Title: title, Producer: 'Tessera', Creator: 'Tessera', CreationDate: of.now },
    });
    this.#doc.registerFont('regular', REGULAR_FONT).registerFont('bold', BOLD_FONT).font('regular');
    this.#text = createPdfText((codePoint) => this.#font().font.hasGlyphForCodePoint(codePoint));
  }

  head(bounds: { readonly openingMinor: bigint; readonly closingMinor: bigint }, totals: StatementTotals): void {
    const { walletId, currency, ownersName, range, now } = this.#of;
    this.#sheet();
    this.#put('Wallet statement', MARGIN, { font: 'bold', size: SIZE.title });
    this.#y += 30;
    const facts = [
      ['Owner', ownersName],
      ['Wallet', `${walletId} (${currency})`],
      ['Period', `${range.from} to ${range.to}, whole days in UTC`],
      ['Made', `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ] as const;
    for (const [name, value] of facts) this.#fact(name, value);
    this.#y += 8;
    const sums = [
      ['Opening balance', bounds.openingMinor],
      ['Money in', totals.inMinor],
      ['Money out', -totals.outMinor],
      ['Closing balance', bounds.closingMinor],
    ] as const;
    for (const [name, minor] of sums) this.#fact(name, `${this.#money(minor)} ${currency}`, name.endsWith('balance') ? 'bold' : 'regular');
    this.#y += 14;
    this.#tableHead();
  }

  row(row: StatementRow): void {
    const lines = this.#details(row);
    const height = lines.reduce((sum, line) => sum + line.height, 0);
    if (this.#y + height > BOTTOM) {
      this.#sheet();
      this.#tableHead();
    }
    const { date, amount, balance, details } = COLUMN;
    this.#put(row.createdAt.toISOString().slice(0, 10), date.x);
    this.#amount(row.amountMinor, amount);
    this.#amount(row.balanceMinor, balance);
    const top = this.#y;
    this.#put(row.createdAt.toISOString().slice(11, 19), date.x, { size: SIZE.small, colour: COLOUR.quiet, y: top + 12 });
    for (const { text, style, height: tall } of lines) {
      this.#put(text, details.x, { ...style, width: details.width });
      this.#y += tall;
    }
    this.#y = Math.max(this.#y, top + 22) + ROW_GAP;
    this.#rule(this.#y - ROW_GAP / 2 - 1);
  }

  end(isEmpty: boolean): void {
    if (isEmpty) this.#closing('Nothing moved the balance in this period.');
    if (this.#text.isIncomplete())
      this.#closing('□ stands for a character that this document has no letters for; the CSV of the same period has it as it was written.');
    this.#doc.end();
  }

  /** What is ready to be sent. */
  *finished(): Generator<Buffer> {
    for (let chunk = this.#doc.read(); chunk !== null; chunk = this.#doc.read()) yield chunk as Buffer; // the document is a stream of bytes
  }

  /** pdfkit remembers how every word was set, for ever: numbers never come again. */
  #forgetWords(): void {
    this.#doc.font('regular');
    this.#font().layoutCache = Object.create(null) as object;
  }

  #font(): InnerFont {
    return (this.#doc as unknown as { readonly _font: InnerFont })._font; // pdfkit's types leave its fonts out
  }

  #details({ counterparty, code, note }: StatementRow) {
    const quiet = { size: SIZE.small, colour: COLOUR.quiet };
    const lines: { text: string; style: Style }[] = [
      { text: this.#text.drawable(counterparty), style: {} },
      { text: code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' '), style: quiet },
      ...(note ? [{ text: this.#text.drawable(note), style: { size: SIZE.small } }] : []),
    ];
    return lines.map((line) => ({ ...line, height: this.#heightOf(line.text, line.style) + 1 }));
  }

  #heightOf(text: string, { size = SIZE.text, font = 'regular' }: Style): number {
    return this.#doc.font(font).fontSize(size).heightOfString(text, { width: COLUMN.details.width });
  }

  #closing(text: string): void {
    if (this.#y + 24 > BOTTOM) this.#sheet();
    this.#put(text, MARGIN, { size: SIZE.small, colour: COLOUR.quiet, width: RIGHT - MARGIN });
    this.#y += 24;
  }

  #sheet(): void {
    this.#doc.addPage();
    this.#page += 1;
    if (this.#page % SHEETS_REMEMBERED === 0) this.#forgetWords();
    this.#y = MARGIN;
    const { walletId, range } = this.#of;
    const style = { size: SIZE.small, colour: COLOUR.quiet, width: RIGHT - MARGIN, y: A4.height - MARGIN - SIZE.small };
    this.#put(`${walletId}, ${range.from} to ${range.to}`, MARGIN, style);
    this.#put(`Page ${this.#page}`, MARGIN, { ...style, align: 'right' });
  }

  #tableHead(): void {
    const { date, details, amount, balance } = COLUMN;
    const style = { font: 'bold', size: SIZE.small } as const;
    this.#put('Date (UTC)', date.x, style);
    this.#put('Details', details.x, style);
    this.#put(`Amount (${this.#of.currency})`, amount.x, { ...style, width: amount.width, align: 'right' });
    this.#put(`Balance (${this.#of.currency})`, balance.x, { ...style, width: balance.width, align: 'right' });
    this.#y += 14;
    this.#rule(this.#y - 2);
    this.#y += 3;
  }

  #fact(name: string, value: string, font: Style['font'] = 'regular'): void {
    this.#put(name, MARGIN, { colour: COLOUR.quiet });
    const text = this.#text.drawable(value);
    this.#put(text, COLUMN.details.x + 24, { font, width: RIGHT - COLUMN.details.x - 24 });
    this.#y += 15;
  }

  #put(text: string, x: number, { font = 'regular', size = SIZE.text, colour = COLOUR.text, y = this.#y, ...rest }: Style = {}): void {
    this.#doc
      .font(font)
      .fontSize(size)
      .fillColor(colour)
      .text(text, x, y, { lineBreak: rest.width !== undefined, ...rest });
  }

  #rule(y: number): void {
    this.#doc.moveTo(MARGIN, y).lineTo(RIGHT, y).lineWidth(0.5).strokeColor(COLOUR.line).stroke();
  }

  #amount(minor: bigint, { x, width }: { readonly x: number; readonly width: number }): void {
    const text = this.#money(minor);
    this.#put(text, x, { width, align: 'right', size: text.length < LONG_AMOUNT ? SIZE.text : SIZE.small });
  }

  #money(minor: bigint): string {
    const [whole = '', fraction] = new Money(this.#of.currency, minor).decimal.replace('-', '').split('.');
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, JOINING_SPACE);
    return `${minor < 0n ? '−' : ''}${grouped}${fraction ? `.${fraction}` : ''}`;
  }
}

interface InnerFont {
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
  layoutCache: object;
}

interface Style {
  readonly font?: 'regular' | 'bold';
  readonly size?: number;
  readonly colour?: string;
  readonly y?: number;
  readonly width?: number;
  readonly align?: 'right';
}
