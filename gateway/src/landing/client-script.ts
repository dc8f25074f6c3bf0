import { SESSION_DOCUMENTS } from './documents.ts';
import { SESSION_KEY } from './landing-script.ts';

/**
 * Runs in the browser as it is, in front of the script of a page: who is logged in here, one question to the graph, and a subscription that
 * comes back by itself where it was cut off (protocol `graphql-transport-ws` of graphql-ws).
 */
export const CLIENT_SCRIPT = `
const REFRESH_BEFORE_MS = 30000;
const MAX_RECONNECTS = 60;
const MAX_WAIT_MS = 15000;
const REFRESH = '${SESSION_DOCUMENTS.refresh}';

class NotLoggedIn extends Error {}

function heldSession() {
  try {
    return JSON.parse(localStorage.getItem('${SESSION_KEY}'));
  } catch {
    return null;
  }
}

async function post(body, token) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: Object.assign({ 'content-type': 'application/json' }, token ? { authorization: 'Bearer ' + token } : {}),
    body: JSON.stringify(body),
  });
  return response.json();
}

let refreshing = null;

async function refresh(session) {
  const answer = await post({ query: REFRESH, variables: { input: { refreshToken: session.refreshToken } } });
  const renewed = answer.data && answer.data.sessionRefresh;
  if (!renewed || !renewed.accessToken) {
    if (answer.data) localStorage.removeItem('${SESSION_KEY}');
    throw new NotLoggedIn();
  }
  localStorage.setItem('${SESSION_KEY}', JSON.stringify(Object.assign({}, session, renewed)));
  return renewed.accessToken;
}

async function accessToken() {
  const session = heldSession();
  if (!session) throw new NotLoggedIn();
  if (Date.parse(session.expiresAt) - Date.now() > REFRESH_BEFORE_MS) return session.accessToken;
  refreshing = refreshing || refresh(session).finally(() => { refreshing = null; });
  return refreshing;
}

async function ask(query, variables) {
  const answer = await post({ query, variables }, await accessToken());
  const errors = answer.errors || [];
  if (errors.some(({ extensions }) => extensions && extensions.code === 'UNAUTHENTICATED')) throw new NotLoggedIn();
  if (!answer.data) throw new Error(errors.length > 0 ? errors[0].message : 'There was no answer.');
  return answer.data;
}

/** Calls onData for each event and onLive(isLive, trouble) as the connection comes and goes; goes on behind the last cursor that it saw. */
function follow(query, variables, onData, onLive) {
  let cursor = null;
  let cuts = 0;

  async function connect() {
    const token = await accessToken();
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/graphql', 'graphql-transport-ws');
    const send = (message) => socket.send(JSON.stringify(message));
    let trouble = 'the connection was cut';
    socket.onopen = () => send({ type: 'connection_init', payload: { authorization: 'Bearer ' + token } });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'ping') send({ type: 'pong' });
      if (message.type === 'connection_ack') {
        send({ id: '1', type: 'subscribe', payload: { query, variables: Object.assign({}, variables, { after: cursor }) } });
        onLive(true, null);
      }
      if (message.type === 'next') {
        cuts = 0;
        for (const event of Object.values(message.payload.data || {})) {
          if (!event) continue;
          cursor = event.cursor || cursor;
          onData(event);
        }
      }
      if (message.type === 'error') trouble = message.payload[0].message;
      if (message.type === 'error' || message.type === 'complete') socket.close(1000);
    };
    socket.onclose = () => again(trouble);
  }

  function again(trouble) {
    cuts += 1;
    onLive(false, trouble);
    if (cuts > MAX_RECONNECTS) return;
    setTimeout(() => connect().catch((error) => again(error instanceof NotLoggedIn ? 'nobody is logged in any more' : error.message)), Math.min(500 * 2 ** cuts, MAX_WAIT_MS));
  }

  connect().catch((error) => again(error.message));
}
`;
