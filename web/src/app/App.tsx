import { useEffect, type ReactNode } from "react";
import { BrowserRouter, Navigate, Route, Routes, useLocation, useMatch } from "react-router";
import { ChatProvider, useChat } from "../shared/chat/Chat";
import { I18nProvider } from "../shared/i18n/I18n";
import { SessionProvider, useSession } from "../shared/session/Session";
import { ConfirmProvider } from "../shared/ui/Confirm";
import { ToastProvider } from "../shared/ui/Toasts";
import { AdminScreen } from "./AdminScreen";
import { ChatPage } from "./ChatPage";
import { CrashGuard } from "./CrashGuard";
import { InvitePage } from "./InvitePage";
import { NotFound } from "./NotFound";
import { loadAtIdle, LoginPage, RegisterPage } from "./parts";
import { Splash } from "./Splash";
import { useUnreadTitle } from "./useUnreadTitle";

export function App() {
  return (
    <I18nProvider>
      <CrashGuard>
        <SessionProvider>
          <ToastProvider>
            <ConfirmProvider>
              {/* What was asked for is in the next frame, and not when React finds time. */}
              <BrowserRouter useTransitions={false}>
                <Pages />
              </BrowserRouter>
            </ConfirmProvider>
          </ToastProvider>
        </SessionProvider>
      </CrashGuard>
    </I18nProvider>
  );
}

function Pages() {
  const { status } = useSession().state;
  if (status === "loading" || status === "unreachable") return <Splash unreachable={status === "unreachable"} />;
  return (
    <Routes>
      <Route path="/login" element={<Visitor page={<LoginPage />} />} />
      <Route path="/register" element={<Visitor page={<RegisterPage />} />} />
      <Route element={<SignedIn />}>
        <Route path="/" element={null} />
        <Route path="/c/:conversationId" element={null} />
        <Route path="/i/:inviteId" element={null} />
        <Route path="/admin/:tab?" element={null} />
      </Route>
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}

/** For who is not signed in; the others go on to where they wanted to be. */
function Visitor({ page }: { page: ReactNode }) {
  const { status } = useSession().state;
  const wanted = useLocation().state as { from?: string; accepted?: boolean } | null;
  return status === "signed-in" ? <Navigate to={wanted?.from ?? "/"} state={{ accepted: wanted?.accepted === true }} replace /> : page;
}

function SignedIn() {
  const { state } = useSession();
  const { pathname } = useLocation();
  const inviteId = useMatch("/i/:inviteId")?.params.inviteId;
  if (state.status !== "signed-in" && inviteId !== undefined) return <InvitePage key={inviteId} inviteId={inviteId} />;
  if (state.status !== "signed-in") return <Navigate to="/login" replace state={{ from: pathname, sent: true }} />;
  return (
    <ChatProvider user={state.user}>
      <Screen />
    </ChatProvider>
  );
}

function Screen() {
  const admin = useMatch("/admin/:tab?");
  useEndedSession();
  useUnreadTitle();
  useEffect(loadAtIdle, []);
  return admin ? <AdminScreen tab={admin.params.tab ?? null} /> : <ChatPage />;
}

/** The server has closed the session: on another device, or because it was too old. */
function useEndedSession(): void {
  const { signedOut } = useSession();
  const ended = useChat((state) => state.connection === "signed-out");
  useEffect(() => {
    if (ended) signedOut(true);
  }, [ended, signedOut]);
}
