import { SESSION_DOCUMENTS } from './documents.ts';

/** Where the pages keep the session of the local stack; GraphiQL and the page after a payment read the same key. */
export const SESSION_KEY = 'tessera.session';

/** Runs in the browser as it is; its hash is in the policy of the page. */
export const LANDING_SCRIPT = `
const accounts = JSON.parse(document.getElementById('accounts').textContent);
const session = document.getElementById('session');
const LOG_IN = '${SESSION_DOCUMENTS.logIn}';

function showSession() {
  if (!session) return;
  const held = JSON.parse(localStorage.getItem('${SESSION_KEY}') || 'null');
  session.textContent = held ? 'Logged in as ' + held.email + ' in this browser until ' + new Date(held.expiresAt).toLocaleTimeString() + '.' : 'Nobody is logged in.';
}

async function logIn(account) {
  session.textContent = 'Logging in as ' + account.email + '…';
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: LOG_IN, variables: { input: { email: account.email, password: account.password } } }),
  });
  const answer = await response.json();
  const outcome = answer.data && answer.data.sessionOpen;
  if (!outcome || outcome.__typename !== 'SessionOpened') {
    session.textContent = 'That did not work: ' + ((outcome && outcome.message) || (answer.errors && answer.errors[0].message) || 'no answer');
    return;
  }
  const { accessToken, refreshToken, expiresAt } = outcome;
  localStorage.setItem('${SESSION_KEY}', JSON.stringify({ email: account.email, accessToken, refreshToken, expiresAt }));
  location.href = '/graphiql';
}

for (const button of document.querySelectorAll('[data-account]')) {
  button.addEventListener('click', () => logIn(accounts[Number(button.dataset.account)]).catch((error) => { session.textContent = 'That did not work: ' + error.message; }));
}

function cell(row, text, className) {
  const td = row.insertCell();
  td.textContent = text;
  if (className) td.className = className;
  return td;
}

async function showStatus() {
  const body = document.getElementById('status');
  try {
    const entries = await (await fetch('/status.json')).json();
    const fresh = document.createElement('tbody');
    for (const entry of entries) {
      const row = fresh.insertRow();
      const name = cell(row, entry.url ? '' : entry.name);
      if (entry.url) {
        const link = document.createElement('a');
        link.href = entry.url;
        link.textContent = entry.name;
        name.append(link);
      }
      cell(row, entry.kind);
      const state = entry.isUp === null ? '' : entry.isUp ? 'up' : 'down';
      cell(row, state || '–', state);
      cell(row, entry.detail || '');
    }
    body.replaceChildren(...fresh.rows);
  } catch {
    body.textContent = '';
    cell(body.insertRow(), 'The gateway does not answer.', 'down').colSpan = 4;
  }
}

showSession();
showStatus();
setInterval(showStatus, 5000);
`;
