/** What a page measures of the two ways, as `POST /api/measurements` takes it: counts and times, and nothing of a person. */

import type { StateReason, TransportName } from "../transportStatus";

/** Why readings went over to SSE. */
export type FallbackReason = Exclude<StateReason, "too_large">;

export type Measurement =
  /** A WebSocket became ready. */
  | { readonly kind: "connected"; readonly transport: "websocket"; readonly milliseconds: number }
  /** A reading ended. */
  | {
      readonly kind: "reading";
      readonly transport: TransportName;
      readonly later: boolean;
      readonly outcome: "complete" | "failed" | "cancelled";
      readonly code?: string;
      readonly first_event_ms?: number;
      readonly words_ms?: number;
    }
  /** A WebSocket was no longer wanted. */
  | {
      readonly kind: "session";
      readonly transport: "websocket";
      readonly seconds: number;
      readonly broken: boolean;
      readonly close_code?: number;
    }
  /** Readings went over from the WebSocket to SSE. */
  | { readonly kind: "fallback"; readonly reason: FallbackReason }
  /** A lost WebSocket was ready again. */
  | { readonly kind: "reconnected"; readonly close_code?: number; readonly milliseconds: number };

/** A measurement, and the stage of the rollout at which it began. */
export type Staged = { readonly stage: number; readonly measurement: Measurement };

/** What servers take: one number beyond, and the whole batch would be refused. */
export const MAX_MILLISECONDS = 600_000;
export const MAX_SESSION_SECONDS = 7 * 24 * 3600;
export const MAX_STAGE = 2 ** 31 - 1;
const CLOSE_CODES = { min: 1000, max: 4999 } as const;
const ERROR_CODE = /^[a-z_]{1,40}$/u;

/** A time that has to be told: a device that slept counts as the longest. */
export function milliseconds(elapsed: number): number {
  return clamped(elapsed, MAX_MILLISECONDS);
}

/** A time that may be left out: what is longer than any reading was not measured. */
export function measured(elapsed: number): number | undefined {
  return elapsed <= MAX_MILLISECONDS ? milliseconds(elapsed) : undefined;
}

export function sessionSeconds(elapsedMs: number): number {
  return clamped(elapsedMs / 1000, MAX_SESSION_SECONDS);
}

export function stageNumber(stage: number): number {
  return clamped(stage, MAX_STAGE);
}

export function closeCode(code: number | undefined): { readonly close_code?: number } {
  const isKnown = code !== undefined && Number.isInteger(code) && code >= CLOSE_CODES.min && code <= CLOSE_CODES.max;
  return isKnown ? { close_code: code } : {};
}

export function errorCode(code: string): { readonly code?: string } {
  return ERROR_CODE.test(code) ? { code } : {};
}

function clamped(value: number, max: number): number {
  return Number.isNaN(value) ? 0 : Math.round(Math.min(Math.max(0, value), max));
}
