import { ApiError, type AdminAccount } from "@chatconnect/protocol";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { clientWith, me, person, show } from "../../../test/harness";
import { adminApi } from "../api";
import { PeopleTab } from "./PeopleTab";

const account = (id: string, change: Partial<AdminAccount> = {}): AdminAccount => ({
  user: id === me.id ? me : person(id, id),
  admin: false,
  bannedAt: null,
  lastSeenAt: null,
  ...change,
});
const MINE = account(me.id, { admin: true });
const onServer = vi.fn();

async function open(pages: readonly { accounts: AdminAccount[]; nextCursor: string | null }[]) {
  const accounts = vi.spyOn(adminApi, "accounts");
  for (const page of pages) accounts.mockResolvedValueOnce(page);
  const { client } = await clientWith([]);
  show(client, <PeopleTab server={{ registration: "open", admin: true, generalId: null }} onServer={onServer} />);
  return accounts;
}

async function row(name: string) {
  const found = (await screen.findAllByRole("listitem")).find((item) => item.textContent.includes(`@${name}`));
  if (!found) throw new Error(`no row of ${name}`);
  return within(found);
}

/** Does it, and says `yes`, or something else, when asked. */
async function does(name: string, what: string, yes: string | null = what) {
  await userEvent.click((await row(name)).getByRole("button"));
  await userEvent.click(screen.getByRole("menuitem", { name: what }));
  if (yes !== null) await userEvent.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: yes }));
}

afterEach(() => {
  vi.restoreAllMocks();
  onServer.mockReset();
});

describe("PeopleTab", () => {
  it("lists page by page, and by what was typed and chosen", async () => {
    const accounts = await open([
      { accounts: [MINE], nextCursor: "1" },
      { accounts: [account("bia")], nextCursor: null },
      { accounts: [], nextCursor: null },
    ]);
    await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
    expect((await row("bia")).queryByText(/last seen|online/)).toBeNull();
    expect((await row("marina")).getByText("online")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
    await userEvent.click(screen.getByRole("radio", { name: "Banned" }));
    expect(await screen.findByText("Nobody is banned.")).toBeTruthy();
    expect(accounts.mock.calls).toEqual([
      ["", "all", { cursor: null }],
      ["", "all", { cursor: "1" }],
      ["", "banned", { cursor: null }],
    ]);
  });

  it("bans and lifts the ban", async () => {
    await open([{ accounts: [MINE, account("bia")], nextCursor: null }]);
    const update = vi.spyOn(adminApi, "updateAccount");
    update.mockResolvedValueOnce({ account: account("bia", { bannedAt: "2026-01-02T12:00:00.000Z" }) });
    await does("bia", "Ban");
    expect(await (await row("bia")).findByText(/^banned/)).toBeTruthy();
    update.mockResolvedValueOnce({ account: account("bia") });
    await does("bia", "Lift the ban", null);
    await waitFor(async () => expect((await row("bia")).queryByText(/^banned/)).toBeNull());
    expect(update.mock.calls).toEqual([
      ["bia", { banned: true }],
      ["bia", { banned: false }],
    ]);
  });

  it("does nothing that was not confirmed", async () => {
    await open([{ accounts: [MINE, account("bia")], nextCursor: null }]);
    const remove = vi.spyOn(adminApi, "deleteAccount");
    await does("bia", "Delete account", "Cancel");
    expect(remove).not.toHaveBeenCalled();
  });

  it("offers little with administrators, and less with oneself", async () => {
    await open([{ accounts: [MINE, account("bia", { admin: true })], nextCursor: null }]);
    const offered = async (name: string) => {
      await userEvent.click((await row(name)).getByRole("button"));
      const items = screen.getAllByRole("menuitem").map((item) => item.textContent);
      await userEvent.keyboard("{Escape}");
      return items;
    };
    expect(await offered("bia")).toEqual(["No longer administrator", "New password"]);
    expect(await offered("marina")).toEqual(["No longer administrator"]);
  });

  it("says why the last administrator stays one", async () => {
    await open([{ accounts: [MINE], nextCursor: null }]);
    vi.spyOn(adminApi, "updateAccount").mockRejectedValueOnce(new ApiError(422, { code: "invalid", fields: { admin: "is the last administrator" } }));
    await does("marina", "No longer administrator");
    expect(await screen.findByText("That did not work: this is the last administrator")).toBeTruthy();
    expect(onServer).not.toHaveBeenCalled();
  });

  it("shows a new password until it is closed", async () => {
    await open([{ accounts: [MINE, account("bia")], nextCursor: null }]);
    vi.spyOn(adminApi, "resetPassword").mockResolvedValueOnce({ password: "quiet-otter" });
    await does("bia", "New password");
    expect(await screen.findByText("quiet-otter")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Done" }));
    expect(screen.queryByText("quiet-otter")).toBeNull();
  });

  it("says when it cannot be loaded, and tries again", async () => {
    vi.spyOn(adminApi, "accounts").mockRejectedValueOnce(new ApiError(403, { code: "forbidden" })).mockResolvedValueOnce({ accounts: [MINE], nextCursor: null });
    const { client } = await clientWith([]);
    show(client, <PeopleTab server={{ registration: "open", admin: true, generalId: null }} onServer={onServer} />);
    expect((await screen.findByRole("alert")).textContent).toContain("you may not do this");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect((await row("marina")).getByText("administrator")).toBeTruthy();
  });
});
