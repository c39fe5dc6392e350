import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { App } from "../src/App";
import { PageFault } from "../src/pages/PageFault";

const BOTS = {
  bots: [
    { name: "receptionist", title: "Bloom Dental", description: "", language: ["en"], warm: true },
    { name: "night-desk", title: null, description: null, language: ["en"], warm: true },
    { title: "no name, so no bot" },
  ],
};

const answers = (status: number, body: unknown) =>
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => Response.json(body, { status })),
  );
const visit = (address: string) => {
  window.history.replaceState(null, "", address);
  render(<App />);
};

// A page of its own, loaded when it is needed: a busy machine takes long to read it the first time.
beforeAll(() => import("../src/pages/CallPage"), 60_000);
beforeEach(() => answers(200, BOTS));
afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

describe("the list", () => {
  it("shows each bot, with a name made readable where there is no title", async () => {
    visit("/");
    expect(await screen.findByTestId("bot-card-receptionist")).toBeTruthy();
    expect(screen.getByRole("link", { name: /^Call ?Night desk$/ })).toBeTruthy();
    expect(screen.getAllByTestId(/^bot-card-/)).toHaveLength(2);
  });

  it("says what is missing when nobody answers a link", async () => {
    answers(200, { bots: [] });
    visit("/");
    expect(await screen.findByText(/Nobody answers a link here yet/)).toBeTruthy();
  });

  it("says that the server is down, and asks again", async () => {
    vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new TypeError("refused"))));
    visit("/");
    expect((await screen.findByTestId("error")).dataset.code).toBe("server-unreachable");
    answers(200, BOTS);
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByTestId("bot-card-receptionist")).toBeTruthy();
  });

  it("is asked for again when the reader comes back, and stays while there is no answer", async () => {
    answers(200, { bots: [] });
    visit("/");
    await screen.findByText(/Nobody answers a link here yet/);
    answers(200, BOTS);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(await screen.findByTestId("bot-card-receptionist")).toBeTruthy();
    const refused = vi.fn(() => Promise.reject(new TypeError("refused")));
    vi.stubGlobal("fetch", refused);
    document.dispatchEvent(new Event("visibilitychange"));
    await vi.waitFor(() => expect(refused).toHaveBeenCalled());
    expect(screen.queryByTestId("error")).toBeNull();
  });
});

describe("addresses", () => {
  it("go from the list to the call, and back", async () => {
    visit("/");
    await userEvent.click(await screen.findByTestId("bot-card-receptionist"));
    expect(await screen.findByTestId("call-button")).toBeTruthy();
    expect(document.title).toBe("Bloom Dental · Offhook");
    await userEvent.click(screen.getByRole("link", { name: /all bots/ }));
    expect(await screen.findByTestId("bot-card-night-desk")).toBeTruthy();
  });

  it("of a bot that is not there say so", async () => {
    visit("/call/nobody");
    expect((await screen.findByTestId("error")).dataset.code).toBe("unknown-bot");
  });

  it("that hold a stray percent sign are a bot that is not there", async () => {
    visit("/call/100%25%E0");
    expect((await screen.findByTestId("error")).dataset.code).toBe("unknown-bot");
    expect(screen.getByRole("link", { name: "See who answers" })).toBeTruthy();
  });

  it("that lead nowhere lead back", async () => {
    visit("/nowhere");
    expect(await screen.findByText("Wrong number.")).toBeTruthy();
  });
});

it("a part that does not load is said, and no blank page is left", () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const Missing = (): never => {
    throw new TypeError("Failed to fetch dynamically imported module");
  };
  render(
    <PageFault>
      <Missing />
    </PageFault>,
  );
  expect(screen.getByRole("alert").textContent).toContain("did not load");
  expect(screen.getByRole("button", { name: "Load it again" })).toBeTruthy();
});

it("the theme is chosen and kept", async () => {
  visit("/");
  expect(document.documentElement.dataset.theme).toBe("light");
  await userEvent.click(await screen.findByRole("button", { name: "Switch to dark colours" }));
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(JSON.parse(localStorage.getItem("offhook") ?? "{}")).toMatchObject({ theme: "dark" });
});
