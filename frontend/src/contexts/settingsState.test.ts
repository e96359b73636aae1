import { describe, expect, it } from "vitest";

import { DEFAULT_SETTINGS, type Settings } from "../services/api/settings";
import { fromStored, INITIAL, settingsReducer, shown, toStored } from "./settingsState";

const SERVER: Settings = { ...DEFAULT_SETTINGS, theme: "dark", effective: { use_websocket: false, reason: "default", stage: 2 } };
const loaded = settingsReducer(INITIAL, { type: "loaded", settings: SERVER });

describe("settings", () => {
  it("count as chosen before they are saved", () => {
    expect(shown(settingsReducer(loaded, { type: "chosen", changes: { theme: "light" } })).theme).toBe("light");
  });

  it("chosen before signing in are not undone by what the server knows", () => {
    const chosen = settingsReducer(INITIAL, { type: "chosen", changes: { text_size: "huge" } });
    const both = shown(settingsReducer(chosen, { type: "loaded", settings: SERVER }));
    expect(both).toMatchObject({ text_size: "huge", theme: "dark" });
  });

  it("are no longer pending once they are saved", () => {
    const changes = { theme: "light" } as const;
    const chosen = settingsReducer(loaded, { type: "chosen", changes });
    const saved = settingsReducer(chosen, { type: "saved", changes, settings: { ...SERVER, theme: "light" } });
    expect(saved).toEqual({ known: { ...SERVER, theme: "light" }, pending: {} });
  });

  it("stay pending when they were changed again while the older choice was being saved", () => {
    const older = settingsReducer(loaded, { type: "chosen", changes: { voice_speed: 0.8 } });
    const newer = settingsReducer(older, { type: "chosen", changes: { voice_speed: 0.9 } });
    const saved = settingsReducer(newer, { type: "saved", changes: { voice_speed: 0.8 }, settings: { ...SERVER, voice_speed: 0.8 } });
    expect(saved.pending).toEqual({ voice_speed: 0.9 });
    expect(shown(saved).voice_speed).toBe(0.9);
  });

  it("that the server refuses go back to what it knows, and are not said to be saved for ever", () => {
    const changes = { strictness: "strict" } as const;
    const chosen = settingsReducer(loaded, { type: "chosen", changes: { ...changes, theme: "light" } });
    const refused = settingsReducer(chosen, { type: "refused", changes });
    expect(refused.pending).toEqual({ theme: "light" });
    expect(shown(refused)).toMatchObject({ strictness: "normal", theme: "light" });
  });

  it("leave the look of the page on the device when somebody leaves, and nothing else", () => {
    const chosen = settingsReducer(loaded, { type: "chosen", changes: { font: "opendyslexic", strictness: "strict" } });
    const left = settingsReducer(chosen, { type: "left" });
    expect(shown(left)).toMatchObject({ theme: "dark", font: "opendyslexic", strictness: "normal" });
    expect(left.pending).toEqual({});
  });
});

it("are the same object while the server says the same, however often it is asked", () => {
  expect(settingsReducer(loaded, { type: "loaded", settings: structuredClone(SERVER) })).toBe(loaded);
  const moved: Settings = { ...SERVER, effective: { use_websocket: true, reason: "stage", stage: 3 } };
  expect(shown(settingsReducer(loaded, { type: "loaded", settings: moved })).effective).toEqual(moved.effective);
});

describe("which transport counts", () => {
  it("is what the server says while nothing is chosen", () => {
    expect(shown(loaded).effective).toEqual({ use_websocket: false, reason: "default", stage: 2 });
  });

  it("follows a choice at once", () => {
    const on = settingsReducer(loaded, { type: "chosen", changes: { use_websocket: true } });
    expect(shown(on).effective).toEqual({ use_websocket: true, reason: "chosen", stage: 2 });
  });

  it.each(["switched_off", "only_way"] as const)("cannot choose another way when it is %s", (reason) => {
    const server: Settings = { ...SERVER, effective: { use_websocket: reason === "only_way", reason, stage: 2 } };
    const chosen = settingsReducer(settingsReducer(INITIAL, { type: "loaded", settings: server }), {
      type: "chosen",
      changes: { use_websocket: reason === "switched_off" },
    });
    expect(shown(chosen).effective).toEqual(server.effective);
  });

  it("is SSE, until the server has said how it prefers it", () => {
    expect(shown(INITIAL).effective).toEqual({ use_websocket: false, reason: "default", stage: 0 });
    const chosen = { ...SERVER, use_websocket: true, effective: { use_websocket: true, reason: "chosen", stage: 3 } } as const;
    const back = settingsReducer(settingsReducer(INITIAL, { type: "loaded", settings: chosen }), {
      type: "chosen",
      changes: { use_websocket: null },
    });
    expect(shown(back).effective).toEqual({ use_websocket: false, reason: "default", stage: 3 });
  });

  it("goes back to the server's default when the choice is taken back", () => {
    const back = settingsReducer(loaded, { type: "chosen", changes: { use_websocket: null } });
    expect(shown(back).effective).toEqual({ use_websocket: false, reason: "default", stage: 2 });
  });
});

describe("stored settings", () => {
  it("come back as they were", () => {
    const state = settingsReducer(loaded, { type: "chosen", changes: { use_websocket: null, level: 3 } });
    expect(fromStored(toStored(state))).toEqual(state);
  });

  it.each([null, "", "{", "7", '{"known":{"theme":"pink"},"pending":{"colour":1}}'])(
    "are the defaults when they cannot be read: %s",
    (stored) => {
      expect(fromStored(stored)).toEqual(INITIAL);
    },
  );
});
