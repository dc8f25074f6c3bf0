import { registerEnumType } from 'type-graphql';

export const TenderEnum = { CARD: 'CARD', PAYPAL: 'PAYPAL', WALLET: 'WALLET', SPLIT: 'SPLIT' } as const;
export type TenderName = keyof typeof TenderEnum;
registerEnumType(TenderEnum, { name: 'Tender', description: 'What a payment is made with.' });
