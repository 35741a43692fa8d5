import type { ChangePassword } from "./generated/ChangePassword";
import type { ChannelPage } from "./generated/ChannelPage";
import type { ConversationList } from "./generated/ConversationList";
import type { ConversationResponse } from "./generated/ConversationResponse";
import type { CreateConversation } from "./generated/CreateConversation";
import type { CreateInvite } from "./generated/CreateInvite";
import type { InviteList } from "./generated/InviteList";
import type { InvitePreview } from "./generated/InvitePreview";
import type { InviteResponse } from "./generated/InviteResponse";
import type { Login } from "./generated/Login";
import type { MarksResponse } from "./generated/MarksResponse";
import type { MemberPage } from "./generated/MemberPage";
import type { MessagePage } from "./generated/MessagePage";
import type { MessageResponse } from "./generated/MessageResponse";
import type { Problem } from "./generated/Problem";
import type { ReadPositions } from "./generated/ReadPositions";
import type { Register } from "./generated/Register";
import type { ReportOutcome } from "./generated/ReportOutcome";
import type { ReportPage } from "./generated/ReportPage";
import type { Role } from "./generated/Role";
import type { SearchPage } from "./generated/SearchPage";
import type { Server } from "./generated/Server";
import type { SessionList } from "./generated/SessionList";
import type { SetMarks } from "./generated/SetMarks";
import type { UpdateProfile } from "./generated/UpdateProfile";
import type { UserPage } from "./generated/UserPage";
import type { UserResponse } from "./generated/UserResponse";
import { abortedAfter, type AbortSignal } from "./platform";

/** A connection that was lost without a word never answers: without an end, whoever asked would wait for ever. */
const REQUEST_TIMEOUT_MS = 20_000;

/** What an HTTP request failed with: the server's problem document, or `network` when there was no answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.title ?? `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? (status === 0 ? "network" : "internal");
    this.fields = problem.fields ?? {};
    this.requestId = problem.requestId ?? null;
    this.retryAfterMs = problem.retryAfterMs ?? null;
  }
}

interface HttpResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

interface HttpRequest {
  method: string;
  credentials: "include";
  headers: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

export type Fetch = (url: string, request: HttpRequest) => Promise<HttpResponse>;

export interface Paging {
  limit?: number;
  cursor?: string | null;
}

/** What a message has besides words. */
export type SearchKind = "file" | "image" | "video" | "audio" | "link";

export interface SearchFilter {
  has?: SearchKind;
  conversationId?: string;
  senderId?: string;
  /** RFC 3339, inclusive. */
  since?: string;
  /** RFC 3339, exclusive. */
  until?: string;
}

export type Query = Record<string, string | number | null | undefined>;

/** The server's HTTP interface. `baseUrl` is its origin; empty for the page's own. */
export class HttpApi {
  readonly #baseUrl: string;
  readonly #fetch: Fetch;

  constructor(baseUrl = "", fetch: Fetch = (url, request) => hostFetch(url, request)) {
    this.#baseUrl = baseUrl;
    this.#fetch = fetch;
  }

  register(input: Register): Promise<UserResponse> {
    return this.#send("POST", "/auth/register", input);
  }
  login(input: Login): Promise<UserResponse> {
    return this.#send("POST", "/auth/login", input);
  }
  logout(): Promise<void> {
    return this.#send("POST", "/auth/logout");
  }
  /** Also for who is not signed in. */
  server(): Promise<Server> {
    return this.#get("/server");
  }

  me(): Promise<UserResponse> {
    return this.#get("/users/me");
  }
  updateMe(input: UpdateProfile): Promise<UserResponse> {
    return this.#send("PATCH", "/users/me", input);
  }
  changePassword(input: ChangePassword): Promise<void> {
    return this.#send("POST", "/users/me/password", input);
  }
  /** The account is gone afterwards, and with it every session. */
  deleteMe(password: string): Promise<void> {
    return this.#send("DELETE", "/users/me", { password });
  }
  /** Where a browser downloads all that is known of the person who is signed in. */
  exportUrl(): string {
    return `${this.#baseUrl}/api/v1/users/me/export`;
  }
  sessions(): Promise<SessionList> {
    return this.#get("/users/me/sessions");
  }
  endSession(id: string): Promise<void> {
    return this.#send("DELETE", `/users/me/sessions/${encodeURIComponent(id)}`);
  }

  /** An upload that no message has. */
  deleteAttachment(id: string): Promise<void> {
    return this.#send("DELETE", `/attachments/${encodeURIComponent(id)}`);
  }

  marks(): Promise<MarksResponse> {
    return this.#get("/users/me/marks");
  }
  setBlocked(userId: string, blocked: boolean): Promise<void> {
    return this.#send(blocked ? "PUT" : "DELETE", `/users/me/blocks/${encodeURIComponent(userId)}`);
  }

  findUsers(query: string, paging: Paging = {}): Promise<UserPage> {
    return this.#get("/users", { query, ...paging });
  }
  usersById(ids: readonly string[]): Promise<UserPage> {
    return this.#get("/users", { ids: ids.join(",") });
  }
  user(id: string): Promise<UserResponse> {
    return this.#get(`/users/${encodeURIComponent(id)}`);
  }

  conversations(): Promise<ConversationList> {
    return this.#get("/conversations");
  }
  createConversation(input: CreateConversation): Promise<ConversationResponse> {
    return this.#send("POST", "/conversations", input);
  }
  conversation(id: string): Promise<ConversationResponse> {
    return this.#get(conversationPath(id));
  }
  renameConversation(id: string, title: string): Promise<ConversationResponse> {
    return this.#send("PATCH", conversationPath(id), { title });
  }
  deleteConversation(id: string): Promise<void> {
    return this.#send("DELETE", conversationPath(id));
  }
  setMarks(id: string, change: SetMarks): Promise<ConversationResponse> {
    return this.#send("PATCH", conversationPath(id, "/me"), change);
  }
  invites(id: string): Promise<InviteList> {
    return this.#get(conversationPath(id, "/invites"));
  }
  createInvite(id: string, input: CreateInvite): Promise<InviteResponse> {
    return this.#send("POST", conversationPath(id, "/invites"), input);
  }
  revokeInvite(id: string, inviteId: string): Promise<void> {
    return this.#send("DELETE", conversationPath(id, `/invites/${encodeURIComponent(inviteId)}`));
  }
  invite(inviteId: string): Promise<InvitePreview> {
    return this.#get(`/invites/${encodeURIComponent(inviteId)}`);
  }
  acceptInvite(inviteId: string): Promise<ConversationResponse> {
    return this.#send("POST", `/invites/${encodeURIComponent(inviteId)}/join`);
  }
  channels(query: string, paging: Paging = {}): Promise<ChannelPage> {
    return this.#get("/channels", { query, ...paging });
  }
  join(id: string): Promise<ConversationResponse> {
    return this.#send("POST", conversationPath(id, "/join"));
  }
  members(id: string, paging: Paging = {}): Promise<MemberPage> {
    return this.#get(conversationPath(id, "/members"), { ...paging });
  }
  /** userId → `seq`, in conversations of at most 100 members. */
  reads(id: string): Promise<ReadPositions> {
    return this.#get(conversationPath(id, "/reads"));
  }
  addMembers(id: string, memberIds: readonly string[]): Promise<ConversationResponse> {
    return this.#send("POST", conversationPath(id, "/members"), { memberIds });
  }
  removeMember(id: string, userId: string): Promise<void> {
    return this.#send("DELETE", conversationPath(id, `/members/${encodeURIComponent(userId)}`));
  }

  /** Who becomes owner makes an admin of the one before. */
  setRole(id: string, userId: string, role: Role): Promise<ConversationResponse> {
    return this.#send("PATCH", conversationPath(id, `/members/${encodeURIComponent(userId)}`), { role });
  }

  messages(id: string, page: { before?: number; after?: number; limit?: number } = {}): Promise<MessagePage> {
    return this.#get(conversationPath(id, "/messages"), page);
  }
  message(id: string): Promise<MessageResponse> {
    return this.#get(`/messages/${encodeURIComponent(id)}`);
  }
  /** A repeat replaces the reason. */
  reportMessage(id: string, reason: string): Promise<void> {
    return this.#send("POST", `/messages/${encodeURIComponent(id)}/reports`, { reason });
  }
  reports(state: "open" | "closed", paging: Paging = {}): Promise<ReportPage> {
    return this.#get("/admin/reports", { state, ...paging });
  }
  /** `deleted` deletes the message for everybody, and closes every report of it. */
  closeReport(id: string, outcome: ReportOutcome): Promise<void> {
    return this.#send("PATCH", `/admin/reports/${encodeURIComponent(id)}`, { outcome });
  }

  /** `q` may be empty where `has`, a person or a day is given. */
  search(q: string, filter: SearchFilter = {}, cursor: string | null = null): Promise<SearchPage> {
    return this.#get("/search", { q, ...filter, cursor });
  }

  #get<T>(path: string, query: Query = {}): Promise<T> {
    return this.request("GET", path + queryString(query));
  }

  #send<T>(method: string, path: string, body?: object): Promise<T> {
    return this.request(method, path, body);
  }

  /** Any request below `/api/v1`; fails with an ApiError. */
  async request<T>(method: string, path: string, body?: object): Promise<T> {
    const request: HttpRequest = { method, credentials: "include", headers: { accept: "application/json" } };
    if (body) {
      request.headers["content-type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    const url = `${this.#baseUrl}/api/v1${path}`;
    let response: HttpResponse;
    let text: string;
    try {
      [response, text] = await abortedAfter(REQUEST_TIMEOUT_MS, async (signal) => {
        const answer = await this.#fetch(url, { ...request, signal });
        return [answer, await answer.text()];
      });
    } catch (error) {
      throw new ApiError(0, { title: error instanceof Error ? error.message : "network error" });
    }
    const data = parseJson(text);
    if (response.ok) return data as T;
    throw new ApiError(response.status, withRetryAfter((data ?? {}) as Partial<Problem>, response.headers.get("retry-after")));
  }
}

function conversationPath(id: string, rest = ""): string {
  return `/conversations/${encodeURIComponent(id)}${rest}`;
}

export function queryString(query: Query): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

/** A proxy may answer with HTML: that is no reason to fail in another way. */
function parseJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withRetryAfter(problem: Partial<Problem>, retryAfter: string | null): Partial<Problem> {
  const seconds = Number(retryAfter);
  if (problem.retryAfterMs !== undefined || !retryAfter || !Number.isFinite(seconds)) return problem;
  return { ...problem, retryAfterMs: seconds * 1000 };
}

function hostFetch(url: string, request: HttpRequest): Promise<HttpResponse> {
  return (globalThis as unknown as { fetch: Fetch }).fetch(url, request);
}
