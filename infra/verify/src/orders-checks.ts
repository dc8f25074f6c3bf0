import { type Check, sqlCheck } from './check.ts';

const orders = (invariant: string, id: string, title: string, sql: string): Check => sqlCheck('orders', invariant, id, title, sql);

export const ordersChecks: readonly Check[] = [
  orders(
    'I4',
    'stock-adds-up',
    'per variant, on hand, reserved and sold are the sums of the journal',
    `select format('variant %s has %s on hand, %s reserved, %s sold; the journal %s, %s, %s', s.variant_id, s.on_hand, s.reserved, s.sold,
         coalesce(m.on_hand, 0), coalesce(m.reserved, 0), coalesce(m.sold, 0)) as violation
     from stock_items s left join (
       select variant_id, sum(delta_on_hand) as on_hand, sum(delta_reserved) as reserved, sum(delta_sold) as sold
       from stock_movements group by variant_id) m on m.variant_id = s.variant_id
     where (s.on_hand, s.reserved, s.sold) is distinct from (coalesce(m.on_hand, 0), coalesce(m.reserved, 0), coalesce(m.sold, 0))`,
  ),
  orders(
    'I4',
    'no-oversell',
    'nothing was ever reserved beyond what was on hand, nor fell below zero',
    `select format('variant %s after movement %s: %s on hand, %s reserved, %s sold', variant_id, id, on_hand, reserved, sold) as violation from (
       select variant_id, id, sum(delta_on_hand) over moves as on_hand, sum(delta_reserved) over moves as reserved, sum(delta_sold) over moves as sold
       from stock_movements window moves as (partition by variant_id order by id)) journal
     where reserved not between 0 and on_hand or sold < 0
     union all
     select format('variant %s: %s reserved of %s', variant_id, reserved, on_hand) from stock_items where reserved not between 0 and on_hand`,
  ),
  orders(
    'I4',
    'orders-move-their-lines',
    'an order never reserves or sells more of a variant than its line has, and one that is over reserves nothing',
    `select format('order %s (%s) of variant %s: %s reserved and %s sold of %s', o.id, o.state, m.variant_id, m.reserved, m.sold, coalesce(l.quantity, 0)) as violation
     from (select order_id, variant_id, sum(delta_reserved) as reserved, sum(delta_sold) as sold
           from stock_movements where order_id is not null group by order_id, variant_id) m
     join orders o on o.id = m.order_id left join order_lines l on l.order_id = m.order_id and l.variant_id = m.variant_id
     where m.reserved + m.sold not between 0 and coalesce(l.quantity, 0) or m.reserved < 0 or m.sold < 0
        or (o.state <> 'PENDING_PAYMENT' and m.reserved <> 0)
        or (o.state in ('CANCELLED', 'EXPIRED') and m.sold <> 0)`,
  ),
  orders(
    'I4',
    'units-match-stock',
    'per digital variant, the units at hand and in buyers’ hands are the stock on hand and sold',
    `select format('variant %s: %s units at hand for %s in stock, %s delivered for %s sold', s.variant_id, coalesce(u.at_hand, 0), s.on_hand, coalesce(u.delivered, 0), s.sold) as violation
     from stock_items s join variants v on v.id = s.variant_id left join (
       select variant_id, count(*) filter (where state = 'AVAILABLE') as at_hand, count(*) filter (where state in ('DELIVERED', 'REVEALED')) as delivered
       from units group by variant_id) u on u.variant_id = s.variant_id
     where v.kind = 'DIGITAL_UNITS' and (coalesce(u.at_hand, 0), coalesce(u.delivered, 0)) is distinct from (s.on_hand::bigint, s.sold)`,
  ),
  orders(
    'I4',
    'units-have-one-owner',
    'each delivered unit belongs to the customer of the order it was bought with, and no line got more than it bought',
    `select format('unit %s belongs to %s, its order %s to %s', u.id, u.owner_id, o.id, o.customer_id) as violation
     from units u join orders o on o.id = u.order_id where u.owner_id is distinct from o.customer_id
     union all
     select format('line %s got %s units of %s', l.id, count(*), l.quantity)
     from units u join order_lines l on l.id = u.order_line_id where u.state <> 'REVOKED' group by l.id, l.quantity having count(*) > l.quantity`,
  ),
  orders(
    'I6',
    'one-order-per-key',
    'no order was made under two idempotency keys, no quote became two orders',
    `select format('order %s was answered under %s keys', outcome ->> 'orderId', count(*)) as violation
     from idempotency_keys where mutation = 'checkoutComplete' and outcome ->> '__typename' = 'CheckoutCompleted'
     group by outcome ->> 'orderId' having count(*) > 1
     union all
     select format('quote %s became %s orders', quote_id, count(*)) from orders group by quote_id having count(*) > 1`,
  ),
];
