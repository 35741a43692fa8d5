import type { ConversationFact } from "./generated/ConversationFact";
import type { ConversationList } from "./generated/ConversationList";
import type { ConversationRead } from "./generated/ConversationRead";
import type { ConversationRef } from "./generated/ConversationRef";
import type { ConversationRemoved } from "./generated/ConversationRemoved";
import type { ConversationResponse } from "./generated/ConversationResponse";
import type { CreateConversation } from "./generated/CreateConversation";
import type { DeleteMessage } from "./generated/DeleteMessage";
import type { Done } from "./generated/Done";
import type { EditMessage } from "./generated/EditMessage";
import type { Empty } from "./generated/Empty";
import type { ErrorBody } from "./generated/ErrorBody";
import type { ListMessages } from "./generated/ListMessages";
import type { MarkRead } from "./generated/MarkRead";
import type { MarksChanged } from "./generated/MarksChanged";
import type { MessageFact } from "./generated/MessageFact";
import type { MessagePage } from "./generated/MessagePage";
import type { MessageResponse } from "./generated/MessageResponse";
import type { PresenceChanged } from "./generated/PresenceChanged";
import type { PresenceList } from "./generated/PresenceList";
import type { ReactMessage } from "./generated/ReactMessage";
import type { ReadState } from "./generated/ReadState";
import type { SendMessage } from "./generated/SendMessage";
import type { SessionReady } from "./generated/SessionReady";
import type { SetTyping } from "./generated/SetTyping";
import type { SyncNeeded } from "./generated/SyncNeeded";
import type { SyncRequest } from "./generated/SyncRequest";
import type { SyncResult } from "./generated/SyncResult";
import type { TypingChanged } from "./generated/TypingChanged";
import type { UserDeleted } from "./generated/UserDeleted";
import type { UserUpdated } from "./generated/UserUpdated";
import type { WatchPresence } from "./generated/WatchPresence";

/** What a client asks of the server. Each one is answered by exactly one ack. */
export const command = {
  messageSend: "message:send",
  messageEdit: "message:edit",
  messageDelete: "message:delete",
  messageReact: "message:react",
  messageList: "message:list",
  conversationList: "conversation:list",
  conversationCreate: "conversation:create",
  conversationJoin: "conversation:join",
  conversationLeave: "conversation:leave",
  conversationRead: "conversation:read",
  sync: "sync",
  presenceWatch: "presence:watch",
  typingSet: "typing:set",
} as const;

/** What the server tells its clients. */
export const fact = {
  sessionReady: "session:ready",
  messageCreated: "message:created",
  messageUpdated: "message:updated",
  conversationCreated: "conversation:created",
  conversationUpdated: "conversation:updated",
  conversationRemoved: "conversation:removed",
  conversationRead: "conversation:read",
  marksChanged: "marks:changed",
  userUpdated: "user:updated",
  userDeleted: "user:deleted",
  typingChanged: "typing:changed",
  presenceChanged: "presence:changed",
  syncNeeded: "sync:needed",
} as const;

/** Payload and result of every command. */
export interface Commands {
  [command.messageSend]: { payload: SendMessage; result: MessageResponse };
  [command.messageEdit]: { payload: EditMessage; result: MessageResponse };
  [command.messageDelete]: { payload: DeleteMessage; result: MessageResponse };
  [command.messageReact]: { payload: ReactMessage; result: MessageResponse };
  [command.messageList]: { payload: ListMessages; result: MessagePage };
  [command.conversationList]: { payload: Empty; result: ConversationList };
  [command.conversationCreate]: { payload: CreateConversation; result: ConversationResponse };
  [command.conversationJoin]: { payload: ConversationRef; result: ConversationResponse };
  [command.conversationLeave]: { payload: ConversationRef; result: Done };
  [command.conversationRead]: { payload: MarkRead; result: ReadState };
  [command.sync]: { payload: SyncRequest; result: SyncResult };
  [command.presenceWatch]: { payload: WatchPresence; result: PresenceList };
  [command.typingSet]: { payload: SetTyping; result: Done };
}

/** Payload of every fact. */
export interface Facts {
  [fact.sessionReady]: SessionReady;
  [fact.messageCreated]: MessageFact;
  [fact.messageUpdated]: MessageFact;
  [fact.conversationCreated]: ConversationFact;
  [fact.conversationUpdated]: ConversationFact;
  [fact.conversationRemoved]: ConversationRemoved;
  [fact.conversationRead]: ConversationRead;
  [fact.marksChanged]: MarksChanged;
  [fact.userUpdated]: UserUpdated;
  [fact.userDeleted]: UserDeleted;
  [fact.typingChanged]: TypingChanged;
  [fact.presenceChanged]: PresenceChanged;
  [fact.syncNeeded]: SyncNeeded;
}

export type CommandName = keyof Commands;
export type FactName = keyof Facts;
export type Payload<C extends CommandName> = Commands[C]["payload"];
export type Result<C extends CommandName> = Commands[C]["result"];

/** The ack of every command. */
export type Ack<T> = { ok: true; data: T } | { ok: false; error: ErrorBody };

/** The two maps that Socket.IO's own types take, derived from the tables above. */
export type ClientToServer = {
  [C in CommandName]: (payload: Payload<C>, ack: (answer: Ack<Result<C>>) => void) => void;
};
export type ServerToClient = { [F in FactName]: (payload: Facts[F]) => void };
