import { vi } from "vitest";

import { isTerminal, type AudioEvent } from "../services/audioProtocol";
import type { AudioTransport, TransportState } from "../services/audioTransport";
import type { TestEnvironment } from "./testEnvironment";

/** Remembers what a transport tells. */
export class Listener {
  readonly events: AudioEvent[] = [];
  readonly states: TransportState[] = [];

  constructor(transport: AudioTransport) {
    transport.onEvent((event) => this.events.push(event));
    transport.onState(({ state }) => this.states.push(state));
  }

  of(requestId: string): readonly AudioEvent[] {
    return this.events.filter((event) => event.request_id === requestId);
  }

  types(requestId: string): readonly string[] {
    return this.of(requestId).map(({ type }) => type);
  }

  ends(requestId: string): readonly AudioEvent[] {
    return this.of(requestId).filter(isTerminal);
  }

  /** Code of the error that a request ended with. */
  error(requestId: string): string | undefined {
    const [end] = this.ends(requestId);
    return end?.type === "error" ? end.data.code : undefined;
  }
}

const REAL_STEP_MS = 2;
const PATIENCE_MS = 10_000;

vi.setConfig({ testTimeout: 3 * PATIENCE_MS }); // machines may be busy; a test that passes waits for nothing

/** Return as soon as something is so; the network needs real time. */
export async function until(condition: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
  await vi.waitFor(
    () => {
      if (!condition()) throw new Error(`Not so after ${patienceMs} ms: ${condition.toString()}`);
    },
    { interval: REAL_STEP_MS, timeout: patienceMs },
  );
}

/** The same, while time passes on the clock of the test, but never while the network owes an answer. */
export async function untilInTime(environment: TestEnvironment, condition: () => boolean, stepMs = 50): Promise<void> {
  await until(() => {
    if (condition()) return true;
    if (!environment.isWaiting) environment.clock.advance(stepMs);
    return condition();
  });
}
