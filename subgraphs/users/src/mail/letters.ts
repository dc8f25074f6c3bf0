/** What letters say: plain text, and the same as simple HTML. */

export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export function verificationLetter(displayName: string, code: string, publicUrl: string): Letter {
  return letter(`${code} is your Tessera code`, [
    `Hello ${displayName},`,
    `your code is ${code}. Enter it where you registered, within 30 minutes.`,
    `If you did not register at ${publicUrl}, somebody typed your address by mistake: do not enter or pass on the code, and nothing happens.`,
  ]);
}

export function alreadyRegisteredLetter(displayName: string, publicUrl: string): Letter {
  return letter('You already have a Tessera account', [
    `Hello ${displayName},`,
    `somebody registered at ${publicUrl} with this address, but you have an account already. Log in with it.`,
    'If that was not you, there is nothing to do: nothing was changed.',
  ]);
}

function letter(subject: string, paragraphs: readonly string[]): Letter {
  const html = paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n');
  return { subject, text: `${paragraphs.join('\n\n')}\n`, html: `<!doctype html>\n<html lang="en"><body>\n${html}\n</body></html>\n` };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
