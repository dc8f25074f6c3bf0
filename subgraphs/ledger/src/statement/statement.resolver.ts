import { ensure } from '@tessera/service-kit/errors';
import { CalendarDate, Money, Url } from '@tessera/service-kit/graphql';
import { ConnectionArgs } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { LedgerContext } from '../services.ts';
import { visibleTransfer } from '../transfer/transfer.loader.ts';
import { Transfer } from '../transfer/transfer.type.ts';
import { Wallet } from '../wallet/wallet.type.ts';
import { type DownloadFormat, LINK_LIFETIME_MINUTES } from './download-link.ts';
import type { StatementRow } from './read-statement.ts';
import { StatementReader } from './statement.ts';
import { Statement, StatementLine, StatementLineConnection } from './statement.type.ts';
import { MAX_DAYS, statementRange } from './statement-range.ts';

const LINK = `Good for ${LINK_LIFETIME_MINUTES} minutes, without any header or cookie: whoever has it can read the statement.`;

@Resolver(() => Wallet)
export class WalletStatementResolver {
  @FieldResolver(() => Statement, {
    description: `The statement of up to ${MAX_DAYS} days; BAD_USER_INPUT for days that end before they begin or have not begun yet.`,
  })
  statement(
    @Root() wallet: Wallet,
    @Arg('from', () => CalendarDate, { description: 'The first day, in UTC.' }) from: string,
    @Arg('to', () => CalendarDate, { description: 'The last day, in UTC; included.' }) to: string,
    @Ctx() { services, now }: LedgerContext,
  ): Statement {
    const range = statementRange(from, to, now);
    return new Statement(wallet, range, new StatementReader({ reads: services.reads, wallet, range }));
  }
}

@Resolver(() => Statement)
export class StatementResolver {
  @FieldResolver(() => Money, { description: 'The balance when the first day began.' })
  async openingBalance(@Root() { reader, currency }: Statement): Promise<Money> {
    return new Money(currency, (await reader.bounds()).openingMinor);
  }

  @FieldResolver(() => Money, { description: 'The balance when the last day ended, or now.' })
  async closingBalance(@Root() { reader, currency }: Statement): Promise<Money> {
    return new Money(currency, (await reader.bounds()).closingMinor);
  }

  @FieldResolver(() => Money, { description: 'Everything that came in.' })
  async totalIn(@Root() { reader, currency }: Statement): Promise<Money> {
    return new Money(currency, (await reader.totals()).inMinor);
  }

  @FieldResolver(() => Money, { description: 'Everything that went out, as a positive amount.' })
  async totalOut(@Root() { reader, currency }: Statement): Promise<Money> {
    return new Money(currency, (await reader.totals()).outMinor);
  }

  @FieldResolver(() => StatementLineConnection, { description: 'What moved the balance, oldest first; holds are not in it.' })
  async lines(
    @Root() { reader, currency }: Statement,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { cursorSecret }: LedgerContext,
  ) {
    return new StatementLineConnection(await reader.page(args, cursorSecret, (row) => lineOf(row, currency)));
  }

  @FieldResolver(() => Url, { description: `Where the statement is as CSV. ${LINK}` })
  csvUrl(@Root() statement: Statement, @Ctx() context: LedgerContext): string {
    return linkOf('csv', statement, context);
  }

  @FieldResolver(() => Url, { description: `Where the statement is as PDF. ${LINK}` })
  pdfUrl(@Root() statement: Statement, @Ctx() context: LedgerContext): string {
    return linkOf('pdf', statement, context);
  }
}

@Resolver(() => StatementLine)
export class StatementLineResolver {
  @FieldResolver(() => Transfer, { description: 'The transfer itself.' })
  async transfer(@Root() { transferId }: StatementLine, @Ctx() context: LedgerContext): Promise<Transfer> {
    return ensure(await context.load(visibleTransfer, transferId), 'a transfer of a visible wallet');
  }
}

function linkOf(format: DownloadFormat, { walletId, currency, from, to }: Statement, { services, viewer, now }: LedgerContext): string {
  return services.downloadLinks.sign({ walletId, currency, from, to, format, principal: viewer.principal }, now);
}

function lineOf(row: StatementRow, currency: string): StatementLine {
  const { transferId, createdAt, counterparty, code, note } = row;
  return {
    ...{ transferId, createdAt, counterparty, code, note },
    amount: new Money(currency, row.amountMinor),
    balanceAfter: new Money(currency, row.balanceMinor),
  };
}
