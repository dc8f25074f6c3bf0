/** The proof cannot be made: a store is unknown or unreachable. Never a pass. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
