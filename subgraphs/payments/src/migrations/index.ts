import { CreatePayments } from './0001-payments.ts';
import { CreateRefunds } from './0002-refunds.ts';
import { CreateLedgerSide } from './0003-ledger.ts';
import { IndexCommands } from './0004-command-index.ts';
import { RememberVoids } from './0005-refused-captures.ts';
import { AddCards } from './0006-cards.ts';
import { AddProviderFacts } from './0007-provider-facts.ts';
import { AddFraudRules } from './0008-fraud.ts';
import { AddReconciliations } from './0009-reconciliations.ts';
import { AddReturnedMoney } from './0010-returned-money.ts';

/** Append-only, in order. */
export const migrations = [
  { name: 'payments-0001-payments', class: CreatePayments },
  { name: 'payments-0002-refunds', class: CreateRefunds },
  { name: 'payments-0003-ledger', class: CreateLedgerSide },
  { name: 'payments-0004-command-index', class: IndexCommands },
  { name: 'payments-0005-refused-captures', class: RememberVoids },
  { name: 'payments-0006-cards', class: AddCards },
  { name: 'payments-0007-provider-facts', class: AddProviderFacts },
  { name: 'payments-0008-fraud', class: AddFraudRules },
  { name: 'payments-0009-reconciliations', class: AddReconciliations },
  { name: 'payments-0010-returned-money', class: AddReturnedMoney },
];
