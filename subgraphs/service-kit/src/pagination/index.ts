export { type Connection, ConnectionArgs, connectionTypes, PageInfo } from './connection.type.ts';
export { decodeCursor, encodeCursor } from './cursor.ts';
export { type Page, pageOf, type PageRequest, pageRequest } from './page.ts';
export { paginate, type PaginateOptions, type SortKey } from './paginate.ts';
