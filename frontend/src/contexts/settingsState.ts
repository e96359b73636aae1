import { DEFAULT_SETTINGS, NO_CHOICE, settings, type Choices, type Settings } from "../services/api/settings";
import { record } from "../services/api/decode";

/** `known`: what the server said last. `pending`: chosen here, and not yet saved there. */
export type SettingsState = { readonly known: Settings; readonly pending: Partial<Choices> };

export type SettingsAction =
  | { readonly type: "chosen"; readonly changes: Partial<Choices> }
  | { readonly type: "loaded"; readonly settings: Settings }
  | { readonly type: "saved"; readonly changes: Partial<Choices>; readonly settings: Settings }
  /** The server does not take them, and never will. */
  | { readonly type: "refused"; readonly changes: Partial<Choices> }
  | { readonly type: "left" };

export const INITIAL: SettingsState = { known: DEFAULT_SETTINGS, pending: {} };

export function settingsReducer(state: SettingsState, action: SettingsAction): SettingsState {
  switch (action.type) {
    case "chosen":
      return { ...state, pending: { ...state.pending, ...action.changes } };
    case "loaded":
      return isSame(state.known, action.settings) ? state : { ...state, known: action.settings };
    case "saved":
      return { known: action.settings, pending: without(state.pending, action.changes) };
    case "refused":
      return { ...state, pending: without(state.pending, action.changes) };
    case "left":
      return { known: { ...DEFAULT_SETTINGS, ...lookOf(shown(state)) }, pending: {} };
  }
}

/** What counts now: the choices made here first, then what the server knows. */
export function shown({ known, pending }: SettingsState): Settings {
  const merged = { ...known, ...pending };
  return { ...merged, effective: effective(merged, known, pending) };
}

function effective(merged: Choices, known: Settings, pending: Partial<Choices>): Settings["effective"] {
  if (pending.use_websocket === undefined || NO_CHOICE.has(known.effective.reason)) return known.effective;
  if (merged.use_websocket !== null) return { ...known.effective, use_websocket: merged.use_websocket, reason: "chosen" };
  if (known.effective.reason !== "chosen") return known.effective;
  return { ...DEFAULT_SETTINGS.effective, stage: known.effective.stage }; // until the server has said
}

/** Both were made by `settings`, so that their fields come in the same order. */
function isSame(one: Settings, other: Settings): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** How the page looks stays with the device when somebody leaves. */
function lookOf({ theme, text_size, font }: Settings): Pick<Choices, "theme" | "text_size" | "font"> {
  return { theme, text_size, font };
}

/** `pending` less what has been saved; what was chosen anew meanwhile stays. */
function without(pending: Partial<Choices>, saved: Partial<Choices>): Partial<Choices> {
  const kept = Object.entries(pending).filter(([name, value]) => record(saved)[name] !== value || !(name in saved));
  return Object.fromEntries(kept);
}

export function toStored(state: SettingsState): string {
  return JSON.stringify(state);
}

export function fromStored(stored: string | null): SettingsState {
  const saved = record(parse(stored));
  const names = Object.keys(record(saved["pending"]));
  const pending = settings(saved["pending"]);
  return {
    known: settings(saved["known"]),
    pending: Object.fromEntries(Object.entries(pending).filter(([name]) => names.includes(name) && name !== "effective")),
  };
}

function parse(stored: string | null): unknown {
  try {
    return JSON.parse(stored ?? "");
  } catch {
    return undefined;
  }
}
