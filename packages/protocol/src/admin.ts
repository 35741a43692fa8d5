import type { AccountFilter } from "./generated/AccountFilter";
import type { AdminAccountPage } from "./generated/AdminAccountPage";
import type { AdminAccountResponse } from "./generated/AdminAccountResponse";
import type { AdminChannelPage } from "./generated/AdminChannelPage";
import type { AdminChannelResponse } from "./generated/AdminChannelResponse";
import type { Figures } from "./generated/Figures";
import type { NewPassword } from "./generated/NewPassword";
import type { Registration } from "./generated/Registration";
import type { Settings } from "./generated/Settings";
import type { UpdateAccount } from "./generated/UpdateAccount";
import { queryString, type HttpApi, type Paging } from "./http";

/** What only administrators of the server may ask for; anybody else gets `forbidden`. */
export class AdminApi {
  readonly #http: HttpApi;

  constructor(http: HttpApi) {
    this.#http = http;
  }

  accounts(query: string, filter: AccountFilter, paging: Paging = {}): Promise<AdminAccountPage> {
    return this.#http.request("GET", `/admin/users${queryString({ query, filter, ...paging })}`);
  }
  updateAccount(userId: string, change: UpdateAccount): Promise<AdminAccountResponse> {
    return this.#http.request("PATCH", accountPath(userId), change);
  }
  /** The new password is told this once. */
  resetPassword(userId: string): Promise<NewPassword> {
    return this.#http.request("POST", `${accountPath(userId)}/password`);
  }
  deleteAccount(userId: string): Promise<void> {
    return this.#http.request("DELETE", accountPath(userId));
  }

  channels(query: string, paging: Paging = {}): Promise<AdminChannelPage> {
    return this.#http.request("GET", `/admin/channels${queryString({ query, ...paging })}`);
  }
  renameChannel(id: string, title: string): Promise<AdminChannelResponse> {
    return this.#http.request("PATCH", channelPath(id), { title });
  }
  deleteChannel(id: string): Promise<void> {
    return this.#http.request("DELETE", channelPath(id));
  }

  setRegistration(registration: Registration): Promise<Settings> {
    return this.#http.request("PATCH", "/admin/settings", { registration });
  }
  /** Counts may be estimates; the connections are those of the node that was asked. */
  figures(): Promise<Figures> {
    return this.#http.request("GET", "/admin/figures");
  }
}

function accountPath(userId: string): string {
  return `/admin/users/${encodeURIComponent(userId)}`;
}

function channelPath(id: string): string {
  return `/admin/channels/${encodeURIComponent(id)}`;
}
