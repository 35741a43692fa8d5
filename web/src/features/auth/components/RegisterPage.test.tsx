import type { Server } from "@chatconnect/protocol";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { api } from "../../../shared/api";
import { I18nProvider } from "../../../shared/i18n/I18n";
import { SessionProvider } from "../../../shared/session/Session";
import { me } from "../../../test/harness";
import { RegisterPage } from "./RegisterPage";

afterEach(() => vi.restoreAllMocks());

function open(registration: Server["registration"], from?: string) {
  vi.spyOn(api, "me").mockReturnValue(new Promise(() => undefined));
  vi.spyOn(api, "server").mockResolvedValue({ registration, admin: false, generalId: null });
  render(
    <I18nProvider>
      <SessionProvider>
        <MemoryRouter initialEntries={[{ pathname: "/register", state: from === undefined ? null : { from } }]}>
          <RegisterPage />
        </MemoryRouter>
      </SessionProvider>
    </I18nProvider>,
  );
}

describe("RegisterPage", () => {
  it("says that the server takes no new accounts, also to who was invited", async () => {
    open("closed", "/i/abc");
    expect(await screen.findByRole("heading", { name: "No new accounts" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Create account" })).toBeNull();
  });

  it("says that an invitation is needed", async () => {
    open("invite", "/c/abc");
    expect(await screen.findByRole("heading", { name: "By invitation only" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Create account" })).toBeNull();
  });

  it.each([
    ["invite", "/i/abc", { username: "ana", password: "a long enough one", inviteId: "abc" }],
    ["open", undefined, { username: "ana", password: "a long enough one" }],
  ] as const)("registers (%s, from %s)", async (registration, from, sent) => {
    const register = vi.spyOn(api, "register").mockResolvedValue({ user: me });
    open(registration, from);
    await userEvent.type(await screen.findByLabelText("Username"), "Ana");
    await userEvent.type(screen.getByLabelText("Password"), "a long enough one");
    await userEvent.click(screen.getByRole("button", { name: "Create account" }));
    expect(register).toHaveBeenCalledWith(sent);
  });
});
