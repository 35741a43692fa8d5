import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { I18nProvider } from "../i18n/I18n";
import { lazyPart } from "./lazyPart";

function Part({ name }: { name: string; onClose(): void }) {
  return <p>It is {name}</p>;
}

it("is there at once when it was loaded before", async () => {
  const Lazy = lazyPart(() => Promise.resolve(Part), <p>waiting</p>);
  await Lazy.load();
  render(<Lazy name="here" onClose={() => undefined} />);
  expect(screen.getByText("It is here")).toBeTruthy();
});

it("waits, says when it cannot be loaded, and tries again", async () => {
  const load = vi.fn(() => Promise.resolve<typeof Part>(Part));
  load.mockImplementationOnce(() => Promise.reject(new Error("no network")));
  const Lazy = lazyPart(load, <p>waiting</p>);
  const onClose = vi.fn();
  render(
    <I18nProvider>
      <Lazy name="late" onClose={onClose} />
    </I18nProvider>,
  );
  expect(screen.getByText("waiting")).toBeTruthy();
  await screen.findByRole("alert");
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(onClose).toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("It is late")).toBeTruthy();
  expect(load).toHaveBeenCalledTimes(2);
});
