import { LedgerProofDocument, TrialBalanceDocument } from '@tessera/sdk';
import { show } from './amounts.ts';
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
