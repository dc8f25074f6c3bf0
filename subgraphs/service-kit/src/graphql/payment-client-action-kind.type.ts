import { registerEnumType } from 'type-graphql';

export const PaymentClientActionKindEnum = { HOSTED_PAGE: 'HOSTED_PAGE', CONFIRM_IN_PAGE: 'CONFIRM_IN_PAGE' } as const;
export type PaymentClientActionKindName = keyof typeof PaymentClientActionKindEnum;
registerEnumType(PaymentClientActionKindEnum, {
  name: 'PaymentClientActionKind',
  description: 'What a client does next: send the customer to a page of the provider, or confirm with its script.',
});
