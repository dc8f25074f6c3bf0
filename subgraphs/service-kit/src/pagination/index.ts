export { allOf, anyOf, branchesOf, type ConditionTree, checkConditions, refusedWhere } from './conditions.ts';
export { type Connection, ConnectionArgs, connectionTypes, PageInfo } from './connection.type.ts';
export { decodeCursor, encodeCursor } from './cursor.ts';
export { type Page, type PageRequest, pageOf, pageRequest } from './page.ts';
export { type PaginateOptions, paginate, type SortKey } from './paginate.ts';
