import { Readable } from 'node:stream';
import { TesseraError, unreachable } from '@tessera/service-kit/errors';
import type { Metrics, RawAnswer, RawRequest, Route } from '@tessera/service-kit/service';
import { readOwnersName } from '../account/account-name.ts';
import type { Reads } from '../reading/reads.ts';
import { DOWNLOADS_PATH, type Download, type DownloadLinks, fileNameOf, LINK_LIFETIME_MINUTES, type OpenedLink } from './download-link.ts';
import { StatementReader } from './statement.ts';
import { statementCsv } from './statement-csv.ts';
import { statementPdf } from './statement-pdf.ts';
import { rangeOf } from './statement-range.ts';

/** Under way at the same time in this process, and of one principal. */
const MAX_DOWNLOADS = 16;
const MAX_OF_PRINCIPAL = 2;
/** However slow the client is. */
const MAX_DURATION_MS = 600_000;
const RETRY_AFTER_MS = 5_000;
const CONTENT_TYPES = { csv: 'text/csv; charset=utf-8; header=present', pdf: 'application/pdf' } as const;

export interface DownloadParts {
  readonly links: DownloadLinks;
  readonly reads: Reads;
  readonly metrics: Metrics;
}

/** Statements for whoever holds a signed link. Nothing else is asked: the link is the permission. */
export function downloadRoute({ links, reads, metrics }: DownloadParts): Route {
  const downloads = metrics.counter({
    name: 'ledger_statement_downloads_total',
    help: 'Requests for statements by format and what came of them',
    labelNames: ['format', 'outcome'],
  });
  const underWay = new UnderWay();
  const handler = async (request: RawRequest): Promise<RawAnswer> => {
    const now = new Date();
    const opened = links.open(request.path, request.query.get('token'), now);
    if (opened.kind !== 'GOOD') {
      downloads.inc({ format: 'none', outcome: opened.kind.toLowerCase() });
      return refusal(opened.kind);
    }
    const { download } = opened;
    const headers = headersOf(download);
    if (request.method === 'HEAD') return { status: 200, headers };
    const leave = underWay.enter(download.principal);
    try {
      const body = await contentOf(download, reads, now);
      const expired = setTimeout(() => body.destroy(new Error('The client took too long.')), MAX_DURATION_MS);
      body.once('close', () => {
        clearTimeout(expired);
        leave();
        downloads.inc({ format: download.format, outcome: body.readableEnded ? 'complete' : 'broken' });
      });
      return { status: 200, headers, body };
    } catch (error) {
      leave();
      throw error;
    }
  };
  return { method: 'GET', path: `${DOWNLOADS_PATH}*`, handler };
}

/** The first look into the books is over before anything is answered: a database that is away becomes an error, not half a file. */
async function contentOf({ walletId, currency, from, to, format }: Download, reads: Reads, now: Date): Promise<Readable> {
  const range = rangeOf(from, to);
  const reader = new StatementReader({ reads, wallet: { id: walletId, currency }, range });
  await reader.bounds();
  switch (format) {
    case 'csv':
      return Readable.from(statementCsv(reader, range, currency), { objectMode: false });
    case 'pdf': {
      const ownersName = await reads.run((em) => readOwnersName(em, walletId));
      return Readable.from(statementPdf(reader, { walletId, currency, ownersName, range, now }), { objectMode: false });
    }
    default:
      return unreachable(format);
  }
}

function headersOf(download: Download) {
  return {
    'content-type': CONTENT_TYPES[download.format],
    'content-disposition': `attachment; filename="${fileNameOf(download)}"`,
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}

function refusal(kind: Exclude<OpenedLink['kind'], 'GOOD'>): RawAnswer {
  const text =
    kind === 'EXPIRED'
      ? `This link has expired: links to statements are good for ${LINK_LIFETIME_MINUTES} minutes. Ask for the statement again to get a new one.`
      : 'This link is not one that was given out, or was changed on its way. Ask for the statement again to get a new one.';
  return {
    status: 403,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' },
    body: `${text}\n`,
  };
}

/** Keeps slow or greedy clients from taking all the room. */
class UnderWay {
  readonly #principals: string[] = [];

  /** @throws TesseraError RATE_LIMITED where the principal has enough under way, SERVICE_UNAVAILABLE where there is no room for anybody */
  enter(principal: string): () => void {
    const own = this.#principals.filter((each) => each === principal).length;
    if (own >= MAX_OF_PRINCIPAL)
      throw new TesseraError(
        'RATE_LIMITED',
        `At most ${MAX_OF_PRINCIPAL} statements are downloaded at a time: wait for one of them to end.`,
        {
          retryAfterMs: RETRY_AFTER_MS,
        },
      );
    if (this.#principals.length >= MAX_DOWNLOADS)
      throw new TesseraError('SERVICE_UNAVAILABLE', 'Many statements are being made at the moment: try again.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    this.#principals.push(principal);
    let hasLeft = false;
    return () => {
      if (!hasLeft) this.#principals.splice(this.#principals.indexOf(principal), 1);
      hasLeft = true;
    };
  }
}
