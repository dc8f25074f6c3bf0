const MAX_REMEMBERED = 200;

/** Which media type the server chose for an `Accept` header: the choice is a matter of parsing, and the same each time. */
export class AnswerTypes {
  private readonly chosen = new Map<string, string>();

  typeFor(accept: string | undefined): string | undefined {
    return this.chosen.get(accept ?? '');
  }

  learn(accept: string | undefined, type: string | undefined): void {
    if (type !== undefined && this.chosen.size < MAX_REMEMBERED) this.chosen.set(accept ?? '', type);
  }
}
