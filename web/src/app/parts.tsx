import { lazyPart } from "../shared/ui/lazyPart";
import { rememberedUser } from "../shared/session/rememberedUser";
import { Loading } from "./Loading";

/** What the first load leaves out. */
const dialogs = () => import("./dialogs");
export const ChannelsDialog = lazyPart(async () => (await dialogs()).ChannelsDialog);
export const DateDialog = lazyPart(async () => (await dialogs()).DateDialog);
export const InviteDialog = lazyPart(async () => (await dialogs()).InviteDialog);
export const InvitePeopleDialog = lazyPart(async () => (await dialogs()).InvitePeopleDialog);
export const MembersDialog = lazyPart(async () => (await dialogs()).MembersDialog);
export const NewConversationDialog = lazyPart(async () => (await dialogs()).NewConversationDialog);
export const PersonDialog = lazyPart(async () => (await dialogs()).PersonDialog);
export const SearchDialog = lazyPart(async () => (await dialogs()).SearchDialog);
export const SettingsDialog = lazyPart(async () => (await dialogs()).SettingsDialog);
export const ShortcutsDialog = lazyPart(async () => (await dialogs()).ShortcutsDialog);

const conversation = () => import("./ConversationPane");
export const ConversationPane = lazyPart(async () => (await conversation()).ConversationPane, <Loading />);

const auth = () => import("../features/auth/pages");
export const LoginPage = lazyPart(async () => (await auth()).LoginPage);
export const RegisterPage = lazyPart(async () => (await auth()).RegisterPage);

export const AdminPage = lazyPart(async () => (await import("../features/admin/components/AdminPage")).AdminPage, <Loading />);

const EARLY = [ConversationPane, ChannelsDialog, DateDialog, InviteDialog, InvitePeopleDialog, MembersDialog, NewConversationDialog, PersonDialog, SearchDialog, SettingsDialog, ShortcutsDialog, LoginPage, RegisterPage];

/** At once what this page will show as soon as it knows more. */
export function loadFirst(): void {
  const first = rememberedUser() === null ? LoginPage : location.pathname.startsWith("/c/") ? ConversationPane : null;
  void first?.load().catch(() => undefined);
}

/** The rest once the browser has nothing else to do, unless its owner pays for every byte. Returns how to call it off. */
export function loadAtIdle(): () => void {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (connection?.saveData) return () => undefined;
  // What cannot be loaded now is loaded when it is wanted.
  const load = () => EARLY.forEach((part) => void part.load().catch(() => undefined));
  // Safari has no idle callbacks.
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(load, 1_500);
    return () => clearTimeout(timer);
  }
  const request = window.requestIdleCallback(load, { timeout: 4_000 });
  return () => window.cancelIdleCallback(request);
}
