/** Runs in the browser as it is, behind the client script. Text of others only ever becomes text (`textContent`). */
export const PAY_RETURN_SCRIPT = `
const documents = JSON.parse(document.getElementById('documents').textContent);
const asked = new URLSearchParams(location.search);
const orderId = asked.get('orderId');
const paymentId = asked.get('paymentId');
const outcome = asked.get('outcome');
/** What other services write about an event follows it a little later. */
const SETTLE_MS = 1500;
const MAX_MOVEMENTS = 20;
const MAX_LOOKS = 60;

const byId = (id) => document.getElementById(id);

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function section(title, headings, rows) {
  const made = element('section');
  made.append(element('h2', title));
  if (rows.length === 0) return made.append(element('p', 'Nothing yet.')), made;
  const table = element('table');
  const head = table.createTHead().insertRow();
  for (const heading of headings) head.append(Object.assign(element('th', heading), { scope: 'col' }));
  const body = table.createTBody();
  for (const cells of rows) {
    const row = body.insertRow();
    for (const [index, [text, className]] of cells.entries()) {
      const cell = element('td', text, className);
      cell.dataset.label = headings[index];
      row.append(cell);
    }
  }
  made.append(table);
  return made;
}

const amountOf = (amount) => [amount ? amount.decimal + ' ' + amount.currency : '', 'amount'];
const timeOf = (iso) => new Date(iso).toLocaleTimeString();

function show(state, tone, meaning, next) {
  const big = byId('state');
  if (big.textContent !== state) big.textContent = state;
  big.dataset.tone = tone;
  byId('meaning').textContent = meaning;
  byId('next').replaceChildren(...(next || []));
}

function showLive(isLive, trouble) {
  byId('live').dataset.on = String(isLive);
  byId('live').textContent = isLive ? 'Live: changes show by themselves.' : 'Not live: ' + trouble + '.';
}

/** A link of the provider, if it is one that a browser may follow. */
function linkTo(url, text) {
  let target;
  try {
    target = new URL(url);
  } catch {
    return null;
  }
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return null;
  return Object.assign(element('a', text, 'action'), { href: target.href, rel: 'noreferrer' });
}

const RETRY = 'mutation TryAgain($input: PaymentRetryInput!) {\\n  paymentRetry(input: $input) {\\n    __typename\\n    ... on PaymentRetried { payment { state clientAction { url } } }\\n    ... on Problem { code message }\\n  }\\n}';

function declineOf(payment) {
  const last = payment && payment.attempts[payment.attempts.length - 1];
  return last ? last.lastDecline : null;
}

function waysOn(payment) {
  if (!payment) return [];
  const back = payment.clientAction && payment.clientAction.url && linkTo(payment.clientAction.url, 'Back to the payment page');
  // Whoever comes back from a page that is done has paid there, whatever card was declined before.
  if (back) return outcome === 'done' ? [] : [back];
  if (payment.state !== 'FAILED') return [];
  return [
    element('p', 'Try again in GraphiQL by paymentRetry, with the input { "paymentId": "' + payment.id + '" } and what to pay with:'),
    element('pre', RETRY),
  ];
}

const PAID = ['CONFIRMED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED'];

function waiting(order, payment) {
  const until = ' The order waits until ' + timeOf(order.expiresAt) + '.';
  const told = order.history.map(({ kind }) => kind).filter((kind) => kind.startsWith('PAYMENT_'));
  const last = told[told.length - 1];
  if (last === 'PAYMENT_UNDER_REVIEW') return 'The payment has been taken and is being looked at. There is nothing for you to do.' + until;
  if (last === 'PAYMENT_FAILED') return 'The payment failed: ' + ((payment && payment.failureReason) || 'no reason was given') + '.' + until;
  const declined = declineOf(payment) ? 'The last card was declined: ' + declineOf(payment) + '. Another one may do.' : '';
  if (outcome === 'cancelled') return 'You left the payment page, and nothing was taken. ' + (declined || 'You may go on paying.') + until;
  if (outcome === 'done') return 'The payment page is done; the provider has yet to tell that the money is there.' + until;
  if (declined) return declined + until;
  return 'Waiting for the payment.' + until;
}

/** Only the caller's own payment says where its page is. */
function showOrder(order) {
  byId('title').textContent = 'Order ' + order.number;
  const payments = order.payments || [];
  const payment = payments.find(({ id }) => id === paymentId) || payments[payments.length - 1];
  if (order.state === 'PENDING_PAYMENT') show(order.state, 'waiting', waiting(order, payment), waysOn(payment));
  else if (PAID.includes(order.state)) show(order.state, 'good', 'Paid: ' + amountOf(order.total)[0] + '. Thank you.');
  else show(order.state, 'bad', Number(order.refunded.decimal) > 0 ? 'The order has ended, and ' + amountOf(order.refunded)[0] + ' went back.' : 'The order has ended. Money that was taken, or still comes, goes back by itself.');
  byId('details').replaceChildren(
    section('Payments', ['Payment', 'With', 'State', 'Amount'], payments.map((each) => [
      [each.id, 'name'], [each.tender], [each.state + (each.failureReason ? ': ' + each.failureReason : ''), toneOf(each.state)], amountOf(each.amount),
    ])),
    section('What you bought', ['Article', 'Pieces', 'Price'], order.lines.map((line) => [[line.title, 'name'], [String(line.quantity)], amountOf(line.total)])),
    section('Step by step', ['Step', 'State', 'Tries', 'Amount', 'Note'], order.timeline.map((step) => [
      [(step.isCompensation ? '↩ ' : '') + step.name, 'name'], [step.state, toneOf(step.state)], [String(step.attempts)], amountOf(step.amount), [step.note || ''],
    ])),
    ...movementsOf(order),
  );
}

/** A customer sees those that touch their own wallet: of an order that a card paid there are none. */
function movementsOf({ ledgerTransfers }) {
  if (!ledgerTransfers || ledgerTransfers.length === 0) return [];
  return [section('Movements in the ledger', ['When', 'What', 'State', 'Amount'], ledgerTransfers.map((transfer) => [
    [timeOf(transfer.createdAt)], [transfer.code], [transfer.state, toneOf(transfer.state)], amountOf(transfer.amount),
  ]))];
}

function toneOf(state) {
  if (['DONE', 'CAPTURED', 'SUCCEEDED', 'POSTED'].includes(state)) return 'good';
  return ['FAILED', 'NEEDS_ATTENTION', 'REFUSED'].includes(state) ? 'bad' : '';
}

async function readOrder() {
  const { order } = await ask(documents.order, { orderId });
  if (order) showOrder(order);
  else show('NO SUCH ORDER', 'bad', 'There is no such order, or it belongs to somebody else than who is logged in here.');
  return order;
}

async function followOrder() {
  if (!(await readOrder())) return showLive(false, 'there is nothing to follow');
  let settling;
  // Reads once more after each event, and after each start: what happened between answer and subscription is in neither.
  const settle = () => {
    clearTimeout(settling);
    settling = setTimeout(() => readOrder().catch(showFault), SETTLE_MS);
  };
  const onEvent = ({ order }) => {
    if (order) showOrder(order);
    settle();
  };
  follow(documents.orderLive, { orderId }, onEvent, (isLive, trouble) => {
    showLive(isLive, trouble);
    if (isLive) settle();
  });
}

/** Movements by their id, newest first; ids carry the time. */
async function followWallets() {
  byId('title').textContent = 'Your wallets';
  const wallets = new Map();
  const movements = new Map();
  const isIt = ({ payment }) => Boolean(payment) && payment.id === paymentId;
  const draw = () =>
    byId('details').replaceChildren(
      section('Wallets', ['Wallet', 'Balance', 'To spend'], [...wallets.values()].map((wallet) => [[wallet.id, 'name'], amountOf(wallet.balance), amountOf(wallet.available)])),
      section('Latest movements', ['When', 'What', 'Amount'], [...movements.values()].sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, MAX_MOVEMENTS).map((transfer) => [[timeOf(transfer.createdAt)], [transfer.code], amountOf(transfer.amount)])),
    );
  const note = (transfer, isWanted) => {
    movements.set(transfer.id, transfer);
    if (transfer.code === 'TOP_UP' && isWanted(transfer)) show('TOPPED UP', 'good', amountOf(transfer.amount)[0] + ' came in.');
  };
  const read = async () => {
    const { me } = await ask(documents.wallets, {});
    if (!me) throw new NotLoggedIn();
    for (const wallet of me.wallets || []) {
      wallets.set(wallet.id, wallet);
      for (const { node } of wallet.transfers.edges) note(node, isIt);
    }
    draw();
  };
  if (outcome === 'cancelled') show('CANCELLED', 'bad', 'You left the page of the provider, and nothing was taken. Ask again whenever you like.');
  else show('TOP-UP', 'waiting', 'The money is in your wallet as soon as the provider has told that it is there.');
  await read();
  const onEvent = (event) => {
    if (event.wallet) wallets.set(event.wallet.id, event.wallet);
    if (event.transfer) note(event.transfer, (transfer) => !paymentId || !transfer.payment || isIt(transfer));
    draw();
  };
  follow(documents.walletsLive, {}, onEvent, (isLive, trouble) => {
    showLive(isLive, trouble);
    if (isLive) read().catch(showFault);
  });
}

function showFault(error) {
  if (!(error instanceof NotLoggedIn)) return showLive(false, error.message);
  const login = Object.assign(element('a', 'Log in on the start page', 'action'), { href: '/', target: '_blank' });
  show('NOBODY IS LOGGED IN', 'bad', 'This browser does not know whose payment it was. Log in at this very address: this page goes on by itself.', [login]);
  addEventListener('storage', () => heldSession() && location.reload());
  showLive(false, 'nobody is logged in');
  byId('details').replaceChildren();
}

/** Nothing tells of a saved card live: it is asked for, a bounded time. */
async function followCard() {
  byId('title').textContent = 'Your cards';
  show('CARD AT THE PROVIDER', 'waiting', 'It is among your cards as soon as the provider has told that it took it.');
  const wanted = asked.get('paymentMethodId');
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const { me } = await ask(documents.methods, {});
    if (!me) throw new NotLoggedIn();
    const methods = me.paymentMethods || [];
    const card = methods.find(({ id }) => id === wanted);
    byId('details').replaceChildren(section('Saved cards', ['Card', 'State', 'Expires'], methods.filter(({ last4 }) => last4).map((each) => [
      [each.brand + ' ' + each.last4, 'name'], [each.state, each.state === 'ACTIVE' ? 'good' : ''], [each.expiresMonth + '/' + each.expiresYear],
    ])));
    if (card && card.state === 'ACTIVE') return show('CARD SAVED', 'good', card.brand + ' ' + card.last4 + ' can be charged from now on.'), showLive(false, 'there is nothing more to follow');
    showLive(true);
    await new Promise((done) => setTimeout(done, SETTLE_MS));
  }
  showLive(false, 'nothing has come for a while; load the page again');
}

function start() {
  if (orderId) return followOrder();
  return outcome === 'setup' ? followCard() : followWallets();
}

Promise.resolve().then(start).catch(showFault);
`;
