import { Field, ID, InputType } from 'type-graphql';

/** The same in every subgraph that has it. */
@InputType({ description: 'A condition on an id; all that is given must hold.' })
export class IdFilter {
  @Field(() => ID, { nullable: true, description: 'It is this one.' }) eq?: string | null;
  @Field(() => [ID], { nullable: true, description: 'It is one of these, at most 100.' }) in?: string[] | null;
}
