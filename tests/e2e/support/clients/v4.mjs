import { io } from 'socket.io-client';

import { PATIENCE_MS } from '../wait.mjs';

export function openV4({ url, cookie, auth, transports, headers = {} }) {
  const socket = io(url, {
    transports,
    auth,
    extraHeaders: cookie ? { cookie, ...headers } : headers,
    autoConnect: false,
    forceNew: true,
    reconnection: false,
  });
  return {
    connect: () =>
      new Promise((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
        socket.connect();
      }),
    disconnect: async () => socket.disconnect(),
    emit: (event, args) => socket.emit(event, ...args),
    emitWithAck: (event, args) =>
      new Promise((resolve, reject) => {
        socket.timeout(PATIENCE_MS).emit(event, ...args, (error, ...answer) => {
          if (error) reject(new Error(`no ack of ${event}`, { cause: error }));
          else resolve(answer);
        });
      }),
    on: (event, listener) => socket.on(event, listener),
    transportName: async () => socket.io.engine.transport.name,
    /** For tests of this client only. */
    socket,
  };
}
