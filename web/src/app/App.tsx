import type { ReactNode } from "react";
import { BrowserRouter, Navigate, Route, Routes, useLocation, useMatch } from "react-router";
import { LoginPage } from "../features/auth/components/LoginPage";
import { RegisterPage } from "../features/auth/components/RegisterPage";
import { ChatProvider } from "../shared/chat/Chat";
import { I18nProvider } from "../shared/i18n/I18n";
import { SessionProvider, useSession } from "../shared/session/Session";
import { ConfirmProvider } from "../shared/ui/Confirm";
import { ToastProvider } from "../shared/ui/Toasts";
import { ChatPage } from "./ChatPage";
import { InvitePage } from "./InvitePage";
import { CrashGuard } from "./CrashGuard";
import { NotFound } from "./NotFound";
import { Splash } from "./Splash";

export function App() {
  return (
    <I18nProvider>
      <CrashGuard>
        <SessionProvider>
          <ToastProvider>
            <ConfirmProvider>
              <BrowserRouter>
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
  if (state.status !== "signed-in") return <Navigate to="/login" replace state={{ from: pathname }} />;
  return (
    <ChatProvider user={state.user}>
      <ChatPage />
    </ChatProvider>
  );
}
