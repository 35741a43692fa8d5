import { afterEach, describe, expect, it, vi } from "vitest";
import { AdminApi } from "../src/admin";
import { ApiError, HttpApi, type Fetch } from "../src/http";

function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const asked: { url: string; method: string; body?: string }[] = [];
  const fetch: Fetch = (url, request) => {
    asked.push({ url, method: request.method, ...(request.body === undefined ? {} : { body: request.body }) });
    return Promise.resolve({
      ok: status < 400,
      status,
      headers: { get: (name) => headers[name] ?? null },
      text: () => Promise.resolve(body),
    });
  };
  return { api: new HttpApi("https://chat.example.org", fetch), asked };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("HttpApi", () => {
  it("asks as the contract says", async () => {
    const { api, asked } = answering(200, "{}");
    await api.login({ username: "ana", password: "secret" });
    await api.findUsers("a b&c", { limit: 20 });
    await api.usersById(["1", "2"]);
    await api.messages("a/b", { before: 10 });
    await api.search("olá", { senderId: "1" }, null);
    expect(asked).toEqual([
      { url: "https://chat.example.org/api/v1/auth/login", method: "POST", body: '{"username":"ana","password":"secret"}' },
      { url: "https://chat.example.org/api/v1/users?query=a%20b%26c&limit=20", method: "GET" },
      { url: "https://chat.example.org/api/v1/users?ids=1%2C2", method: "GET" },
      { url: "https://chat.example.org/api/v1/conversations/a%2Fb/messages?before=10", method: "GET" },
      { url: "https://chat.example.org/api/v1/search?q=ol%C3%A1&senderId=1", method: "GET" },
    ]);
  });

  it("asks as an administrator", async () => {
    const { api, asked } = answering(200, "{}");
    const admin = new AdminApi(api);
    await admin.accounts("", "banned", { cursor: "c=1" });
    await admin.updateAccount("u/1", { banned: true });
    await admin.resetPassword("1");
    await admin.renameChannel("2", "news");
    await admin.setRegistration("invite");
    expect(asked).toEqual([
      { url: "https://chat.example.org/api/v1/admin/users?filter=banned&cursor=c%3D1", method: "GET" },
      { url: "https://chat.example.org/api/v1/admin/users/u%2F1", method: "PATCH", body: '{"banned":true}' },
      { url: "https://chat.example.org/api/v1/admin/users/1/password", method: "POST" },
      { url: "https://chat.example.org/api/v1/admin/channels/2", method: "PATCH", body: '{"title":"news"}' },
      { url: "https://chat.example.org/api/v1/admin/settings", method: "PATCH", body: '{"registration":"invite"}' },
    ]);
  });

  it("takes an empty answer", async () => {
    await expect(answering(204, "").api.logout()).resolves.toBeUndefined();
  });

  it("turns a problem into an error with its code and fields", async () => {
    const problem = { status: 422, code: "invalid", title: "the input is not valid", fields: { password: "is too short" }, requestId: "r1" };
    const error = await answering(422, JSON.stringify(problem)).api.login({ username: "a", password: "b" }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, code: "invalid", fields: { password: "is too short" }, requestId: "r1" });
  });

  it("is not confused by a proxy, and reads Retry-After", async () => {
    const error = await answering(503, "<html>", { "retry-after": "7" }).api.me().catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 503, code: "internal", retryAfterMs: 7_000 });
  });

  it("says when there was no answer", async () => {
    const api = new HttpApi("", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(api.me()).rejects.toMatchObject({ status: 0, code: "network" });
  });

  it("does not wait for ever on a connection that was lost without a word", async () => {
    vi.useFakeTimers();
    const never: Fetch = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    const failed = expect(new HttpApi("", never).me()).rejects.toMatchObject({ status: 0, code: "network" });
    await vi.advanceTimersByTimeAsync(30_000);
    await failed;
    expect(vi.getTimerCount()).toBe(0);
  });
});
