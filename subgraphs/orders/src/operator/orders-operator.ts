/** For seeds and operators of the platform, by the same rules and journals as everybody; not reachable over the graph. */
export interface OrdersOperator {
  /** Brings a physical variant to this stock, once per variant and reason: later calls change nothing. */
  setStock(stock: { readonly variantId: string; readonly onHand: number; readonly reason: string }): Promise<void>;
  /** Deposits secrets of a digital variant, once per fact key. */
  depositUnits(deposit: { readonly variantId: string; readonly secrets: readonly string[]; readonly factKey: string }): Promise<void>;
}
