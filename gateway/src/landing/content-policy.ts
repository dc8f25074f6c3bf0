import { sha256Base64 } from './hash.ts';

/** What a page of ours needs beyond itself. */
export interface PagePolicy {
  /** Texts of inline scripts and styles; everything else inline is refused. */
  readonly inlineScripts?: readonly string[];
  readonly inlineStyles?: readonly string[];
  /** Editors that set styles as they go. */
  readonly allowsStyles?: boolean;
  readonly scriptSources?: readonly string[];
  readonly frameSources?: readonly string[];
  readonly styleSources?: readonly string[];
}

export function contentPolicy({
  inlineScripts = [],
  inlineStyles = [],
  allowsStyles = false,
  scriptSources = [],
  frameSources = [],
  styleSources = [],
}: PagePolicy): string {
  const hashes = (texts: readonly string[]) => texts.map((text) => `'sha256-${sha256Base64(text)}'`);
  const styles = allowsStyles ? ["'unsafe-inline'"] : hashes(inlineStyles);
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes(inlineScripts), ...scriptSources].join(' '),
    ["style-src 'self'", ...styles, ...styleSources].join(' '),
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    ["frame-src 'self'", ...frameSources].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
