export { Authenticated, accessRuleOf, Public, RequiresScopes } from './decorators.ts';
export { type AccessDecision, type AccessRule, allows } from './rule.ts';
