/** Of one value: more are no answer. */
const MAX_PIECES = 10_000_000;

/** As `JSON.stringify`, however deep the value is nested: parsing has no such bound either. */
export function writeDeep(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    if (error instanceof RangeError) return writePieces(value);
    throw error;
  }
}

type Piece = string | { readonly value: unknown };

/** What is still to be written, the next last. */
function writePieces(value: unknown): string {
  const pending: Piece[] = [{ value }];
  let text = '';
  for (let count = 0; count < MAX_PIECES; count += 1) {
    const piece = pending.pop();
    if (piece === undefined) return text;
    if (typeof piece === 'string') text += piece;
    else pending.push(...piecesOf(piece.value).reverse());
  }
  throw new RangeError('The value does not end.');
}

function piecesOf(value: unknown): Piece[] {
  if (Array.isArray(value))
    return between(
      '[',
      value.map((each: unknown) => [{ value: each }]),
      ']',
    );
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return [JSON.stringify(value) ?? 'null'];
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return between(
    '{',
    members.map(([key, member]) => [`${JSON.stringify(key)}:`, { value: member }]),
    '}',
  );
}

function between(open: string, members: readonly (readonly Piece[])[], close: string): Piece[] {
  return [open, ...members.flatMap((member, index) => (index === 0 ? member : [',', ...member])), close];
}
