import { registerEnumType } from 'type-graphql';

export type TenderName = 'CARD' | 'PAYPAL' | 'WALLET' | 'SPLIT';

export const TenderEnum = { CARD: 'CARD', PAYPAL: 'PAYPAL', WALLET: 'WALLET', SPLIT: 'SPLIT' } as const satisfies Record<
  TenderName,
  TenderName
>;
registerEnumType(TenderEnum, { name: 'Tender', description: 'What a payment is made with.' });
