export { type AccessRule, allows, type AccessDecision } from './rule.ts';
export { Authenticated, Public, RequiresScopes } from './decorators.ts';
export { accessRuleOf } from './decorators.ts';
