import { ApiError, type User } from "@chatconnect/protocol";
import { createContext, use, useCallback, useEffect, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { api } from "../api";
import { rememberedUser, rememberUser } from "./rememberedUser";

export type SessionState =
  | { status: "loading" }
  | { status: "unreachable" }
  | { status: "anonymous"; ended: boolean }
  | { status: "signed-in"; user: User };

export interface Session {
  state: SessionState;
  signedIn(user: User): void;
  /** `ended`: by the server, not by the person. */
  signedOut(ended: boolean): void;
}

const RETRY_MS = 3_000;
const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<SessionState>(() => {
    const user = rememberedUser();
    return user ? { status: "signed-in", user } : { status: "loading" };
  });

  const asking = state.status === "loading" || state.status === "unreachable";
  useEffect(() => {
    if (!asking) return;
    let stopped = false;
    let timer: number | undefined;
    const ask = async () => {
      const answer = await whoAmI();
      if (stopped) return;
      setState(answer);
      if (answer.status === "unreachable") timer = window.setTimeout(() => void ask(), RETRY_MS);
    };
    void ask();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
    };
  }, [asking]);

  const signedIn = useCallback((user: User) => setState({ status: "signed-in", user }), []);
  const signedOut = useCallback((ended: boolean) => setState({ status: "anonymous", ended }), []);
  const user = state.status === "signed-in" ? state.user : null;
  const isKnown = !asking;
  // Before the children's effects of this change are undone: what they keep depends on it.
  useLayoutEffect(() => {
    if (isKnown) rememberUser(user);
  }, [isKnown, user]);
  const value = useMemo(() => ({ state, signedIn, signedOut }), [state, signedIn, signedOut]);
  return <SessionContext value={value}>{children}</SessionContext>;
}

async function whoAmI(): Promise<SessionState> {
  try {
    return { status: "signed-in", user: (await api.me()).user };
  } catch (error) {
    const refused = error instanceof ApiError && (error.status === 401 || error.status === 403);
    return refused ? { status: "anonymous", ended: false } : { status: "unreachable" };
  }
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("useSession is used outside of SessionProvider");
  return session;
}
