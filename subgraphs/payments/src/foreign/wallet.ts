import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Owned by ledger; here it is only where money came from or went to. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Wallet')
export class WalletStub {
  @Field(() => ID) readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}
