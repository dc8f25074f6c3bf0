import { LedgerProofDocument, ReconciliationDocument, TrialBalanceDocument } from '@tessera/sdk';
import { show } from './amounts.ts';
import { eventually } from './eventually.ts';
import { must } from './failure.ts';
import type { Person } from './person.ts';
import type { Print } from './print.ts';

/** The ledger checks itself, and its debits equal its credits. */
export async function proveBooks({ client }: Person, print: Print): Promise<void> {
  const { ledgerProof } = (await client.query(LedgerProofDocument, {})).data;
  for (const { id, title, isOk, violations } of ledgerProof.checks) {
    print.fact(`${isOk ? 'ok      ' : 'VIOLATED'} ${id}: ${title}${isOk ? '' : ` (${violations} violations)`}`);
  }
  must(ledgerProof.checks.length > 0, 'The ledger proof holds no check.');
  must(ledgerProof.isOk && ledgerProof.checks.every(({ isOk }) => isOk), 'The ledger proof found violations.');

  const { trialBalance } = (await client.query(TrialBalanceDocument, {})).data;
  must(trialBalance.totals.length > 0, 'The trial balance is empty, although money moved.');
  for (const { currency, debits, credits, isBalanced } of trialBalance.totals) {
    print.fact(`Trial balance ${currency}: debits ${show(debits)} = credits ${show(credits)}`);
    must(isBalanced && debits.minor === credits.minor, `The trial balance in ${currency} does not balance.`);
  }
}

/** What the provider of the cards has moved today is what payments and ledger have booked, to the cent. */
export async function reconcile({ client }: Person, print: Print): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const look = async () => (await client.query(ReconciliationDocument, { date, provider: 'STRIPE' })).data.reconciliation;
  const { totals, differences } = await eventually('the books agree with those of the provider', look, ({ isBalanced }) => isBalanced);
  must(totals.length > 0 && differences.length === 0, 'The provider must have moved money today, and nothing may differ.');
  for (const { charged, refunded, fees, net, ledgerNet } of totals) {
    print.fact(
      `Charged ${show(charged)} − refunded ${show(refunded)} − fees ${show(fees)} = ${show(net)}; in the ledger ${show(ledgerNet)}`,
    );
    must(net.minor === ledgerNet.minor, 'The ledger must hold what the provider does.');
  }
}
