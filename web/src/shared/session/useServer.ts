import type { Server } from "@chatconnect/protocol";
import { useCallback, useEffect, useState } from "react";
import { api } from "../api";

export interface KnownServer {
  /** What the server said last; null before its first answer. */
  server: Server | null;
  /** Whether the last question had no answer. */
  failed: boolean;
  /** Asks again. */
  ask(): void;
}

/** Who may open an account on this server, and whether the person is an administrator of it. */
export function useServer(): KnownServer {
  const [known, setKnown] = useState<Omit<KnownServer, "ask">>({ server: null, failed: false });
  const ask = useCallback(() => {
    api.server().then(
      (server) => setKnown({ server, failed: false }),
      () => setKnown(({ server }) => ({ server, failed: true })),
    );
  }, []);
  useEffect(ask, [ask]);
  return { ...known, ask };
}
