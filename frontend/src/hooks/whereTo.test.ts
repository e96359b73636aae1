import { describe, expect, it } from "vitest";

import type { TransportStatus } from "../services/audioTransport";
import { whereTo } from "./whereTo";

describe("whereTo", () => {
  it.each<[string, TransportStatus["state"], TransportStatus["reason"]]>([
    ["send", "ready", "live"],
    ["send", "ready", "chosen"],
    ["send", "fallback", "blocked"],
    ["send", "connecting", "opening"],
    ["send", "reconnecting", "lost"],
    ["send", "reconnecting", "restarting"],
    ["keep", "reconnecting", "offline"],
    ["send", "reconnecting", "unreachable"],
    ["keep", "idle", "not_connected"],
  ])("is to %s while it is %s because of %s", (where, state, reason) => {
    expect(whereTo({ state, reason, transport: "websocket" })).toBe(where);
  });
});
