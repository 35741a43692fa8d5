import io from 'socket.io-client-2';

import { PATIENCE_MS, within } from '../wait.mjs';

export function openV2({ url, cookie, transports }) {
  const extraHeaders = cookie ? { cookie } : {};
  const socket = io(url, {
    transports,
    extraHeaders,
    transportOptions: { polling: { extraHeaders }, websocket: { extraHeaders } },
    autoConnect: false,
    forceNew: true,
    reconnection: false,
  });
  return {
    connect: () =>
      new Promise((resolve, reject) => {
        socket.once('connect', resolve);
        // Protocol 4 carries a refusal as a bare value, protocol 5 as an object.
        socket.once('error', (refusal) => reject(new Error(refusal?.message ?? refusal)));
        socket.once('connect_error', reject);
        socket.connect();
      }),
    disconnect: async () => socket.disconnect(),
    emit: (event, args) => socket.emit(event, ...args),
    emitWithAck: (event, args) =>
      within(
        new Promise((resolve) => {
          socket.emit(event, ...args, (...answer) => resolve(answer));
        }),
        PATIENCE_MS,
        `${event} is acked`,
      ),
    on: (event, listener) => socket.on(event, listener),
    transportName: async () => socket.io.engine.transport.name,
  };
}
