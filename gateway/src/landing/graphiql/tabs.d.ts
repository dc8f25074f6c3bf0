export const TABS: readonly { readonly query: string; readonly variables?: string }[];
