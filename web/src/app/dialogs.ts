/** What opens over the page, loaded together: see parts.tsx. */
export { SettingsDialog } from "../features/account/components/SettingsDialog";
export { ChannelsDialog } from "../features/conversations/components/ChannelsDialog";
export { InvitePeopleDialog } from "../features/conversations/components/InvitePeopleDialog";
export { InviteDialog } from "../features/conversations/components/InviteDialog";
export { MembersDialog } from "../features/conversations/components/MembersDialog";
export { NewConversationDialog } from "../features/conversations/components/NewConversationDialog";
export { PersonDialog } from "../features/conversations/components/PersonDialog";
export { DateDialog } from "../features/messages/components/DateDialog";
export { SearchDialog } from "../features/search/components/SearchDialog";
export { ShortcutsDialog } from "./ShortcutsDialog";
