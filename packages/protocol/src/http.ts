import type { Conversation } from "./generated/Conversation";
import type { CreateConversation } from "./generated/CreateConversation";
import type { Member } from "./generated/Member";
import type { Message } from "./generated/Message";
import type { MessagePage } from "./generated/MessagePage";
import type { Session } from "./generated/Session";
import type { User } from "./generated/User";

/** What an HTTP request failed with: the server's problem document, or `network` when there was no answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;

  constructor(status: number, problem: Problem) {
    super(problem.title ?? `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? (status === 0 ? "network" : "internal");
    this.fields = problem.fields ?? {};
    this.requestId = problem.requestId ?? null;
    this.retryAfterMs = problem.retryAfterMs ?? null;
  }
}

interface Problem {
  title?: string;
  code?: string;
  fields?: Record<string, string>;
  requestId?: string;
  retryAfterMs?: number;
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
}

export type Fetch = (url: string, request: HttpRequest) => Promise<HttpResponse>;

export interface Credentials {
  username: string;
  password: string;
}

export interface SearchHit {
  message: Message;
  snippet: string;
}

export interface Paging {
  limit?: number;
  cursor?: string | null;
}

type Query = Record<string, string | number | null | undefined>;

/** The server's HTTP interface. `baseUrl` is its origin; empty for the page's own. */
export class HttpApi {
  readonly #baseUrl: string;
  readonly #fetch: Fetch;

  constructor(baseUrl = "", fetch: Fetch = (url, request) => hostFetch(url, request)) {
    this.#baseUrl = baseUrl;
    this.#fetch = fetch;
  }

  register(input: Credentials & { displayName?: string }): Promise<{ user: User }> {
    return this.#send("POST", "/auth/register", input);
  }
  login(input: Credentials): Promise<{ user: User }> {
    return this.#send("POST", "/auth/login", input);
  }
  logout(): Promise<void> {
    return this.#send("POST", "/auth/logout");
  }

  me(): Promise<{ user: User }> {
    return this.#get("/users/me");
  }
  updateMe(input: { displayName?: string; avatarId?: string | null; locale?: string }): Promise<{ user: User }> {
    return this.#send("PATCH", "/users/me", input);
  }
  changePassword(input: { currentPassword: string; newPassword: string }): Promise<void> {
    return this.#send("POST", "/users/me/password", input);
  }
  sessions(): Promise<{ sessions: Session[] }> {
    return this.#get("/users/me/sessions");
  }
  endSession(id: string): Promise<void> {
    return this.#send("DELETE", `/users/me/sessions/${encodeURIComponent(id)}`);
  }

  findUsers(query: string, paging: Paging = {}): Promise<{ users: User[]; nextCursor: string | null }> {
    return this.#get("/users", { query, ...paging });
  }
  usersById(ids: readonly string[]): Promise<{ users: User[] }> {
    return this.#get("/users", { ids: ids.join(",") });
  }
  user(id: string): Promise<{ user: User }> {
    return this.#get(`/users/${encodeURIComponent(id)}`);
  }

  conversations(): Promise<{ conversations: Conversation[] }> {
    return this.#get("/conversations");
  }
  createConversation(input: CreateConversation): Promise<{ conversation: Conversation }> {
    return this.#send("POST", "/conversations", input);
  }
  conversation(id: string): Promise<{ conversation: Conversation }> {
    return this.#get(conversationPath(id));
  }
  renameConversation(id: string, title: string): Promise<{ conversation: Conversation }> {
    return this.#send("PATCH", conversationPath(id), { title });
  }
  deleteConversation(id: string): Promise<void> {
    return this.#send("DELETE", conversationPath(id));
  }
  channels(query: string, paging: Paging = {}): Promise<{ channels: Conversation[]; nextCursor: string | null }> {
    return this.#get("/channels", { query, ...paging });
  }
  join(id: string): Promise<{ conversation: Conversation }> {
    return this.#send("POST", conversationPath(id, "/join"));
  }
  members(id: string, paging: Paging = {}): Promise<{ members: { user: User; role: Member["role"] }[]; nextCursor: string | null }> {
    return this.#get(conversationPath(id, "/members"), { ...paging });
  }
  addMembers(id: string, userIds: readonly string[]): Promise<{ conversation: Conversation }> {
    return this.#send("POST", conversationPath(id, "/members"), { userIds });
  }
  removeMember(id: string, userId: string): Promise<void> {
    return this.#send("DELETE", conversationPath(id, `/members/${encodeURIComponent(userId)}`));
  }

  messages(id: string, page: { before?: number; after?: number; limit?: number } = {}): Promise<MessagePage> {
    return this.#get(conversationPath(id, "/messages"), page);
  }
  search(q: string, options: { conversationId?: string; cursor?: string | null } = {}): Promise<{ hits: SearchHit[]; nextCursor: string | null }> {
    return this.#get("/search", { q, ...options });
  }

  #get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#request("GET", path + queryString(query));
  }

  #send<T>(method: string, path: string, body?: object): Promise<T> {
    return this.#request(method, path, body);
  }

  async #request<T>(method: string, path: string, body?: object): Promise<T> {
    const request: HttpRequest = { method, credentials: "include", headers: { accept: "application/json" } };
    if (body) {
      request.headers["content-type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    let response: HttpResponse;
    let text: string;
    try {
      response = await this.#fetch(`${this.#baseUrl}/api/v1${path}`, request);
      text = await response.text();
    } catch (error) {
      throw new ApiError(0, { title: error instanceof Error ? error.message : "network error" });
    }
    const data = parseJson(text);
    if (response.ok) return data as T;
    throw new ApiError(response.status, withRetryAfter((data ?? {}) as Problem, response.headers.get("retry-after")));
  }
}

function conversationPath(id: string, rest = ""): string {
  return `/conversations/${encodeURIComponent(id)}${rest}`;
}

function queryString(query: Query): string {
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

function withRetryAfter(problem: Problem, retryAfter: string | null): Problem {
  const seconds = Number(retryAfter);
  if (problem.retryAfterMs !== undefined || !retryAfter || !Number.isFinite(seconds)) return problem;
  return { ...problem, retryAfterMs: seconds * 1000 };
}

function hostFetch(url: string, request: HttpRequest): Promise<HttpResponse> {
  return (globalThis as unknown as { fetch: Fetch }).fetch(url, request);
}
