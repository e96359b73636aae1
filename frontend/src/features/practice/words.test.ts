import { describe, expect, it } from "vitest";

import type { ErrorData } from "../../services/audioProtocol";
import type { TransportStatus } from "../../services/audioTransport";
import { connectionWords } from "./connection";
import { browserOf, microphoneHelp } from "./microphoneHelp";
import { troubleOf } from "./trouble";

const error = (more: Partial<ErrorData>): ErrorData => ({
  code: "internal",
  message: "Something broke.",
  retryable: true,
  retry_after: null,
  stage: "listening",
  ...more,
});
const status = (state: TransportStatus["state"], reason: TransportStatus["reason"], transport: TransportStatus["transport"] = "websocket") =>
  connectionWords({ state, reason, transport }, true);

describe("troubleOf", () => {
  it("says why nothing was heard", () => {
    const heard = error({ code: "no_speech" });
    expect(troubleOf(heard, "quiet").text).toMatch(/too quiet.*closer/u);
    expect(troubleOf(heard, "noisy").text).toMatch(/noisy.*quieter place/u);
    expect(troubleOf(heard, "good")).toMatchObject({ remedy: "again" });
  });

  it("says how long to wait for a busy server", () => {
    expect(troubleOf(error({ code: "overloaded", retry_after: 2.2 }), "good")).toMatchObject({ remedy: "wait", waitSeconds: 3 });
    expect(troubleOf(error({ code: "too_many_requests" }), "good")).toMatchObject({ remedy: "wait", waitSeconds: 0 });
  });

  it("keeps a recording that could not be sent", () => {
    expect(troubleOf(error({ code: "connection_failed" }), "good")).toMatchObject({ remedy: "resend" });
  });

  it("repeats what a newer server says", () => {
    expect(troubleOf(error({ code: "unsupported_audio", retryable: false }), "good")).toMatchObject({ text: "Something broke.", remedy: "again" });
  });

  it.each<ErrorData["code"]>(["no_speech", "overloaded", "internal", "replaced", "unauthorized", "invalid_sentence", "audio_too_long"])(
    "shouts at nobody about %s",
    (code) => {
      expect(troubleOf(error({ code }), "good").text).not.toContain("!");
    },
  );
});

describe("connectionWords", () => {
  it("tells the ways apart", () => {
    expect([status("ready", "live").name, status("ready", "chosen", "sse").name]).toEqual(["live", "step by step"]);
    expect([status("fallback", "blocked", "sse").tone, status("reconnecting", "lost").name]).toEqual(["steady", "reconnecting"]);
    expect([status("reconnecting", "offline").name, status("idle", "replaced").name]).toEqual(["offline", "not connected"]);
  });

  it("promises words that light up only where they do", () => {
    const live = { state: "ready", reason: "live", transport: "websocket" } as const;
    expect(connectionWords(live, true).explained).toContain("light up");
    expect(connectionWords(live, false).explained).not.toContain("light up");
    for (const { explained } of [status("ready", "chosen", "sse"), status("fallback", "blocked", "sse")]) {
      expect(explained).not.toContain("light up");
      expect(explained).toContain("when the sentence has been read");
    }
  });

  it("asks nobody to load the page again where reading on is enough", () => {
    for (const reason of ["replaced", "too_large"] as const) expect(status("idle", reason).explained).not.toMatch(/load/u);
    expect(status("idle", "too_large").explained).toContain("larger");
    expect(troubleOf(error({ code: "replaced" }), "good").text).not.toMatch(/load/u);
    expect(status("idle", "fault").explained).toContain("load it again");
  });

  it("blames the network only for what the network did", () => {
    expect(status("fallback", "blocked", "sse").explained).toContain("your network");
    for (const reason of ["busy", "restarting", "lost"] as const) expect(status("fallback", reason, "sse").explained).not.toContain("network");
  });

  it("says offline, whichever way readings go", () => {
    expect(status("reconnecting", "offline", "sse")).toMatchObject({ name: "offline", tone: "away" });
  });

  it("says that nothing is lost while it is mended", () => {
    for (const reason of ["lost", "restarting", "busy"] as const) expect(status("reconnecting", reason).explained).toMatch(/othing is lost/u);
    expect(status("reconnecting", "unreachable").explained).toContain("kept here");
  });
});

describe("microphoneHelp", () => {
  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36", "chrome"],
    ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36 Edg/156.0", "edge"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "firefox"],
    ["Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15", "safari"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1", "ios"],
    ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36", "android"],
    ["curl", "other"],
  ] as const)("knows %s", (userAgent, browser) => {
    expect(browserOf(userAgent)).toBe(browser);
    expect(microphoneHelp("denied", browser)).toMatch(/not allowed here.*allow|switch Microphone on|take the block away/u);
  });
});
