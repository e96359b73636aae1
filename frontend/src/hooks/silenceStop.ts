/**
 * When to stop recording by itself: pure, fed with loudness and the time.
 *
 *   waiting ──voice──→ speaking ──silence──→ counting ──silence──→ stopped
 *      └── nothing for long ──→ gaveUp          └──voice──→ speaking
 */
export type SilenceStop = {
  readonly phase: "waiting" | "speaking" | "counting" | "stopped" | "gaveUp";
  /** When recording began, ms. */
  readonly startedAt: number;
  /** When a voice was heard last, ms. */
  readonly voiceAt: number;
  /** How loud the room is without a voice, dBFS. */
  readonly floor: number;
  /** Seconds to show while counting; 0 else. */
  readonly secondsLeft: number;
};

export type LevelAction = {
  /** Loudness (RMS) of the last moment, dBFS. */
  readonly decibels: number;
  /** ms */
  readonly at: number;
  /** The last word of the sentence has been heard: there is less to wait for. */
  readonly allRead: boolean;
  /** Whether to stop by itself at all. */
  readonly enabled: boolean;
};

const PAUSE_MS = 1500; // beginners pause between words for about a second
const COUNT_MS = 2000; // "stopping in 2… 1…"
const PAUSE_WHEN_ALL_READ_MS = 500;
const COUNT_WHEN_ALL_READ_MS = 1000;
const PATIENCE_MS = 15_000; // nobody said anything
const VOICE_ABOVE_FLOOR = 10; // dB
const QUIETEST_VOICE = -52; // dBFS; below it, it is the room
const LOUDEST_FLOOR = -30; // dBFS; in a louder room nobody is told apart from it
const FLOOR_RISES = 0.02; // of the difference, each time; a floor falls at once

export function listeningFrom(at: number): SilenceStop {
  return { phase: "waiting", startedAt: at, voiceAt: at, floor: -60, secondsLeft: 0 };
}

export function silenceStop(state: SilenceStop, { decibels, at, allRead, enabled }: LevelAction): SilenceStop {
  if (state.phase === "stopped" || state.phase === "gaveUp") return state;
  const floor = nextFloor(state.floor, decibels);
  if (isVoice(decibels, state.floor)) return { ...state, floor, phase: "speaking", voiceAt: at, secondsLeft: 0 };
  if (state.phase === "waiting") return { ...state, floor, phase: at - state.startedAt >= PATIENCE_MS ? "gaveUp" : "waiting" };
  if (!enabled) return { ...state, floor, phase: "speaking", secondsLeft: 0 };
  return { ...state, floor, ...count(at - state.voiceAt, allRead) };
}

/** A voice stands out from the room, and is never as faint as the hiss of a microphone. */
export function isVoice(decibels: number, floor: number): boolean {
  return decibels > Math.max(floor + VOICE_ABOVE_FLOOR, QUIETEST_VOICE);
}

function count(silentMs: number, allRead: boolean): Pick<SilenceStop, "phase" | "secondsLeft"> {
  const pause = allRead ? PAUSE_WHEN_ALL_READ_MS : PAUSE_MS;
  const left = pause + (allRead ? COUNT_WHEN_ALL_READ_MS : COUNT_MS) - silentMs;
  if (left <= 0) return { phase: "stopped", secondsLeft: 0 };
  if (silentMs < pause) return { phase: "speaking", secondsLeft: 0 };
  return { phase: "counting", secondsLeft: Math.ceil(left / 1000) };
}

function nextFloor(floor: number, decibels: number): number {
  const next = decibels < floor ? decibels : floor + (decibels - floor) * FLOOR_RISES;
  return Math.min(Math.max(next, -90), LOUDEST_FLOOR);
}
