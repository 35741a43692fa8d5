// The clients that must all be able to chat with us, behind one small interface. A driver has
//   connect()                   resolves when the namespace is connected, rejects with the server's refusal
//   disconnect()                resolves when this side is closed
//   emit(event, args)           fire and forget
//   emitWithAck(event, args)    resolves to the array of the ack's arguments
//   on(event, listener)         listener(...args); also for `disconnect`
//   transportName()             'polling' or 'websocket'

import { openPython } from './python.mjs';
import { openV2 } from './v2.mjs';
import { openV4 } from './v4.mjs';

const TRANSPORTS = {
  'WebSocket only': ['websocket'],
  'polling only': ['polling'],
  'polling, then upgrade': ['polling', 'websocket'],
};

const family = (library, open) =>
  Object.entries(TRANSPORTS).map(([how, transports]) => ({
    name: `${library}, ${how}`,
    settlesOn: transports.at(-1),
    open: (options) => open({ ...options, transports }),
  }));

export const CLIENTS = [
  ...family('socket.io-client 4', openV4),
  ...family('socket.io-client 2', openV2),
  ...family('python-socketio', openPython),
];

/** The one used where the client does not matter. */
export const [WEBSOCKET_CLIENT, POLLING_CLIENT, UPGRADING_CLIENT] = CLIENTS;
