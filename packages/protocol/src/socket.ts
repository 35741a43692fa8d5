import { io, type Socket } from "socket.io-client";
import type { Ack, ClientToServer, CommandName, FactName, Facts, Payload, Result, ServerToClient } from "./events";

export interface SocketListener {
  connected(): void;
  /** The server answered the handshake with an error, or could not be reached at all (`reached` is false). */
  refused(reason: string, reached: boolean): void;
  disconnected(): void;
  fact<F extends FactName>(name: F, payload: Facts[F]): void;
}

/** What the client needs of a connection; the tests put their own model server behind it. It does not reconnect by itself. */
export interface ChatSocket {
  readonly connected: boolean;
  listen(listener: SocketListener): void;
  connect(): void;
  disconnect(): void;
  /** Rejects when no ack came in time or the connection was lost meanwhile: the command may or may not have been carried out. */
  request<C extends CommandName>(name: C, payload: Payload<C>, timeoutMs: number): Promise<Ack<Result<C>>>;
}

const HANDSHAKE_TIMEOUT_MS = 8_000;

/** The real connection. `url` is the server's origin; empty for the page's own. */
export function openSocket(url = ""): ChatSocket {
  const options = {
    autoConnect: false,
    reconnection: false,
    withCredentials: true,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    timeout: HANDSHAKE_TIMEOUT_MS,
  };
  const socket: Socket<ServerToClient, ClientToServer> = url ? io(url, options) : io(options);
  return {
    get connected() {
      return socket.connected;
    },
    listen(listener) {
      socket.on("connect", () => listener.connected());
      socket.on("connect_error", (error) => {
        const transport = isTransportError(error);
        // Some proxies take a WebSocket and then let it starve: begin with the other transport the next time.
        if (transport) socket.io.opts.transports?.reverse();
        listener.refused(error.message, !transport);
      });
      socket.on("disconnect", () => listener.disconnected());
      socket.onAny((name: FactName, payload: Facts[FactName]) => listener.fact(name, payload));
    },
    connect: () => void socket.connect(),
    disconnect: () => void socket.disconnect(),
    request: (name, payload, timeoutMs) => untyped(socket).timeout(timeoutMs).emitWithAck(name, payload),
  };
}

/** Engine.IO marks its own errors; what the server answered has no such mark. */
function isTransportError(error: Error): boolean {
  return "type" in error || error.message === "timeout";
}

interface Untyped {
  timeout(ms: number): { emitWithAck<A>(name: string, payload: unknown): Promise<A> };
}

/** Socket.IO's types cannot express an ack whose type depends on a generic event name; ours above do. */
function untyped(socket: unknown): Untyped {
  return socket as Untyped;
}
