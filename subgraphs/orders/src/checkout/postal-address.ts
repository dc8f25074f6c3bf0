import { CountryCode, PhoneNumber } from '@tessera/service-kit/graphql';
import { Field, InputType, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { lineRule } from '../input-rules.ts';

export interface PostalAddressFacts {
  readonly name: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string;
  readonly phone: string | null;
}

@ObjectType({ description: 'Where a parcel goes.' })
export class PostalAddress {
  @Field(() => String, { description: 'Who receives it.' }) name!: string;
  @Field(() => String, { description: 'Street and number.' }) line1!: string;
  @Field(() => String, { nullable: true, description: 'Flat, building, company.' }) line2!: string | null;
  @Field(() => String, { description: 'City or town.' }) city!: string;
  @Field(() => String, { nullable: true, description: 'State, province or county.' }) region!: string | null;
  @Field(() => String, { nullable: true, description: 'Postal code, where the country has them.' }) postalCode!: string | null;
  @Field(() => CountryCode, { description: 'The country, ISO 3166-1 alpha-2.' }) country!: string;
  @Field(() => PhoneNumber, { nullable: true, description: 'For the carrier, E.164.' }) phone!: string | null;
}

@InputType({ description: 'Where a parcel shall go.' })
export class PostalAddressInput {
  @Field(() => String, { description: 'Who receives it, at most 120 characters.' }) name!: string;
  @Field(() => String, { description: 'Street and number, at most 200 characters.' }) line1!: string;
  @Field(() => String, { nullable: true, description: 'Flat, building, company, at most 200 characters.' }) line2?: string | null;
  @Field(() => String, { description: 'City or town, at most 120 characters.' }) city!: string;
  @Field(() => String, { nullable: true, description: 'State, province or county, at most 120 characters.' }) region?: string | null;
  @Field(() => String, { nullable: true, description: 'Postal code, at most 20 characters.' }) postalCode?: string | null;
  @Field(() => CountryCode, { description: 'The country, ISO 3166-1 alpha-2.' }) country!: string;
  @Field(() => PhoneNumber, { nullable: true, description: 'For the carrier, E.164.' }) phone?: string | null;
}

export const postalAddressRules = z.object({
  name: lineRule(120),
  line1: lineRule(200),
  line2: lineRule(200).nullish(),
  city: lineRule(120),
  region: lineRule(120).nullish(),
  postalCode: lineRule(20).nullish(),
  country: z.string().length(2),
  phone: z.string().max(20).nullish(),
});

export function addressFacts(input: PostalAddressInput): PostalAddressFacts {
  const { name, line1, line2, city, region, postalCode, country, phone } = input;
  return {
    name: name.trim(),
    line1: line1.trim(),
    line2: line2?.trim() ?? null,
    city: city.trim(),
    region: region?.trim() ?? null,
    postalCode: postalCode?.trim() ?? null,
    country,
    phone: phone ?? null,
  };
}
