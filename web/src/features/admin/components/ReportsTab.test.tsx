import { ApiError, type Report } from "@chatconnect/protocol";
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { api } from "../../../shared/api";
import { ana, clientWith, me, message, person, show } from "../../../test/harness";
import { ReportsTab } from "./ReportsTab";

const bia = person("bia", "Bia");

function report(id: string, messageId: string, change: Partial<Report> = {}): Report {
  const { conversationId, senderId, createdAt } = message(1);
  return {
    id,
    reason: `reason ${id}`,
    reporter: bia,
    message: { id: messageId, conversationId, senderId, body: `body of ${messageId}`, createdAt, attachments: [], deletedAt: null },
    sender: ana,
    createdAt,
    closedAt: null,
    closedBy: null,
    outcome: null,
    ...change,
  };
}

async function setUp() {
  const { client } = await clientWith([message(1)]);
  show(client, <ReportsTab />);
  return userEvent.setup();
}

const entries = () => screen.findAllByRole("article");

beforeEach(() => {
  vi.restoreAllMocks();
});

describe("ReportsTab", () => {
  it("shows what was reported, by whom and why, and dismisses it", async () => {
    vi.spyOn(api, "reports").mockResolvedValue({ reports: [report("1", "m1"), report("2", "m2", { reporter: null })], nextCursor: null });
    const close = vi.spyOn(api, "closeReport").mockResolvedValue();
    const user = await setUp();
    const [first, second] = await entries();
    if (!first || !second) throw new Error("no reports");
    expect(first.textContent).toContain("body of m1");
    expect(first.textContent).toContain("reason 1");
    expect(first.textContent).toContain("Reported by Bia");
    expect(second.textContent).toContain("Reported by somebody who is gone");
    await user.click(within(first).getByRole("button", { name: "Dismiss" }));
    expect(close).toHaveBeenCalledWith("1", "dismissed");
    expect((await entries()).map((one) => one.textContent)).toEqual([expect.stringContaining("body of m2")]);
  });

  it("deletes a message after asking, and with it all reports of it", async () => {
    vi.spyOn(api, "reports").mockResolvedValue({ reports: [report("1", "m1"), report("2", "m1")], nextCursor: null });
    const close = vi.spyOn(api, "closeReport").mockResolvedValue();
    const user = await setUp();
    const remove = async () => user.click((await screen.findAllByRole("button", { name: "Delete the message" }))[0] as HTMLElement);
    const answer = async (name: string) => user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name }));
    await remove();
    await answer("Cancel");
    expect(close).not.toHaveBeenCalled();
    await remove();
    await answer("Delete the message");
    expect(close).toHaveBeenCalledWith("1", "deleted");
    expect(await screen.findByText("There is nothing to look at.")).toBeTruthy();
  });

  it("keeps a report that could not be closed", async () => {
    vi.spyOn(api, "reports").mockResolvedValue({ reports: [report("1", "m1")], nextCursor: null });
    vi.spyOn(api, "closeReport").mockRejectedValue(new ApiError(503, { code: "unavailable" }));
    const user = await setUp();
    await user.click(await screen.findByRole("button", { name: "Dismiss" }));
    expect(await screen.findByText(/the server is busy/)).toBeTruthy();
    expect(await entries()).toHaveLength(1);
  });

  it("shows the closed ones with what became of them, page by page", async () => {
    const closed = { closedAt: "2026-03-02T10:00:00.000Z", closedBy: me, outcome: "dismissed" } as const;
    const reports = vi.spyOn(api, "reports");
    reports.mockResolvedValueOnce({ reports: [], nextCursor: null });
    reports.mockResolvedValueOnce({ reports: [report("1", "m1", closed)], nextCursor: "next" });
    reports.mockResolvedValueOnce({ reports: [report("2", "m2", { ...closed, outcome: "deleted" })], nextCursor: null });
    const user = await setUp();
    await user.click(screen.getByRole("button", { name: "Closed" }));
    expect((await entries())[0]?.textContent).toContain("Dismissed by Marina");
    await user.click(screen.getByRole("button", { name: "More reports" }));
    expect(reports).toHaveBeenLastCalledWith("closed", { cursor: "next" });
    expect((await entries())[1]?.textContent).toContain("Message deleted by Marina");
    expect(screen.queryByRole("button", { name: "Dismiss" })).toBeNull();
    expect(screen.queryByRole("button", { name: "More reports" })).toBeNull();
  });

  it("says that the reports could not be loaded, and tries again", async () => {
    vi.spyOn(api, "reports").mockRejectedValueOnce(new ApiError(0, {})).mockResolvedValueOnce({ reports: [report("1", "m1")], nextCursor: null });
    const user = await setUp();
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await entries()).toHaveLength(1);
  });

  it("leads to the message where one is a member", async () => {
    const elsewhere = report("2", "m2");
    vi.spyOn(api, "reports").mockResolvedValue({
      reports: [report("1", "m1"), { ...elsewhere, message: { ...elsewhere.message, conversationId: "other" } }],
      nextCursor: null,
    });
    const asked = vi.spyOn(api, "message").mockResolvedValue({ message: message(1) });
    const user = await setUp();
    await entries();
    const jumps = screen.getAllByRole("button", { name: "Go to the message" });
    expect(jumps).toHaveLength(1);
    await user.click(jumps[0] as HTMLElement);
    expect(asked).toHaveBeenCalledWith("m1");
  });
});
