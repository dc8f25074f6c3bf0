import { CreatePayments } from './0001-payments.ts';
import { CreateRefunds } from './0002-refunds.ts';
import { CreateLedgerSide } from './0003-ledger.ts';
import { IndexCommands } from './0004-command-index.ts';
import { RememberVoids } from './0005-refused-captures.ts';

/** Append-only, in order. */
export const migrations = [
  { name: 'payments-0001-payments', class: CreatePayments },
  { name: 'payments-0002-refunds', class: CreateRefunds },
  { name: 'payments-0003-ledger', class: CreateLedgerSide },
  { name: 'payments-0004-command-index', class: IndexCommands },
  { name: 'payments-0005-refused-captures', class: RememberVoids },
];
