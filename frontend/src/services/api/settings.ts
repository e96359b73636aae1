import { flag, number, numberOrNull, oneOf, record } from "./decode";
import { call, type Caller } from "./http";

export const STRICTNESS = ["gentle", "normal", "strict"] as const;
export const THEMES = ["system", "light", "dark"] as const;
export const TEXT_SIZES = ["normal", "large", "huge"] as const;
export const FONTS = ["atkinson", "opendyslexic"] as const;
export const LEVELS = [1, 2, 3, 4, 5] as const;
export const VOICE_SPEED = { min: 0.5, max: 1.5 } as const;

export type Strictness = (typeof STRICTNESS)[number];
export type Theme = (typeof THEMES)[number];
export type TextSize = (typeof TEXT_SIZES)[number];
export type Font = (typeof FONTS)[number];

/** What a user can choose, under the names the server gives it. */
export type Choices = {
  /** null: as the server thinks best. */
  readonly use_websocket: boolean | null;
  readonly in_browser_listening: boolean;
  readonly keep_audio_on_device: boolean;
  readonly strictness: Strictness;
  readonly voice_speed: number;
  readonly voice_volume: number;
  readonly live_words: boolean;
  readonly auto_stop: boolean;
  readonly theme: Theme;
  readonly text_size: TextSize;
  readonly font: Font;
  /** null: the server chooses by what went well. */
  readonly level: number | null;
};

/**
 * Why: somebody chose so; it is switched on or off for all who have not, or for everybody; it is one's turn or not; there
 * is no other way any more. `default`: nobody has been asked yet.
 */
export const REASONS = ["chosen", "switched_on", "switched_off", "stage", "only_way", "default"] as const;
export type Reason = (typeof REASONS)[number];

/** Reasons that count more than a choice. */
export const NO_CHOICE: ReadonlySet<Reason> = new Set(["switched_off", "only_way"]);

/** What follows from the choices and from what the server was told by its operator. */
export type Effective = {
  readonly use_websocket: boolean;
  readonly reason: Reason;
  /** Of the rollout, under which the page measures; 0: it has not begun, or nobody has been asked. */
  readonly stage: number;
};

export type Settings = Choices & { readonly effective: Effective };

export const DEFAULT_SETTINGS: Settings = {
  use_websocket: null,
  in_browser_listening: false,
  keep_audio_on_device: false,
  strictness: "normal",
  voice_speed: 1,
  voice_volume: 1,
  live_words: true,
  auto_stop: true,
  theme: "system",
  text_size: "normal",
  font: "atkinson",
  level: null,
  effective: { use_websocket: false, reason: "default", stage: 0 },
};

export async function getSettings(caller: Caller): Promise<Settings> {
  return settings(await call("/api/users/me/settings", caller));
}

export async function changeSettings(changes: Partial<Choices>, caller: Caller): Promise<Settings> {
  return settings(await call("/api/users/me/settings", { ...caller, method: "PATCH", body: changes }));
}

/** Any JSON as settings; what is missing is as by default. */
export function settings(value: unknown): Settings {
  const given = record(value);
  const standard = DEFAULT_SETTINGS;
  const effective = record(given["effective"]);
  return {
    use_websocket: typeof given["use_websocket"] === "boolean" ? given["use_websocket"] : null,
    in_browser_listening: flag(given["in_browser_listening"], standard.in_browser_listening),
    keep_audio_on_device: flag(given["keep_audio_on_device"], standard.keep_audio_on_device),
    strictness: oneOf(STRICTNESS, given["strictness"], standard.strictness),
    voice_speed: number(given["voice_speed"], standard.voice_speed),
    voice_volume: number(given["voice_volume"], standard.voice_volume),
    live_words: flag(given["live_words"], standard.live_words),
    auto_stop: flag(given["auto_stop"], standard.auto_stop),
    theme: oneOf(THEMES, given["theme"], standard.theme),
    text_size: oneOf(TEXT_SIZES, given["text_size"], standard.text_size),
    font: oneOf(FONTS, given["font"], standard.font),
    level: numberOrNull(given["level"]),
    effective: {
      use_websocket: flag(effective["use_websocket"], standard.effective.use_websocket),
      reason: oneOf(REASONS, effective["reason"], standard.effective.reason),
      stage: number(effective["stage"], standard.effective.stage),
    },
  };
}
