import { describe, expect, it } from "vitest";

import { toBase64 } from "./base64";
import { LiveAudio, type Upload } from "./recording";

const FIELDS = { request_id: "r", session_id: 1, attempted_sentence: "Go.", filename: "f", content_type: "audio/webm" };
const bytes = (text: string) => new TextEncoder().encode(text);

function live() {
  const clock = { now: 0 };
  const passedOn: Upload[] = [];
  const audio = new LiveAudio("r", () => clock.now);
  audio.follow((message) => passedOn.push(message));
  return { clock, passedOn, audio };
}

describe("LiveAudio", () => {
  it("collects pieces for a tenth of a second", () => {
    const { clock, passedOn, audio } = live();
    audio.add(bytes("a"));
    audio.add(bytes("b"));
    clock.now = 99;
    audio.add(bytes("c"));
    expect(passedOn).toHaveLength(1);
    clock.now = 100;
    audio.add(bytes("d"));
    expect(passedOn.map((message) => ("audio_base64" in message ? atob(message.audio_base64 ?? "") : ""))).toEqual(["a", "bcd"]);
  });

  it("cuts what is too long for one message", () => {
    const { passedOn, audio } = live();
    audio.add(new Uint8Array(1_200_000));
    audio.end();
    expect(passedOn.map(({ type }) => type)).toEqual(["audio_chunk", "audio_chunk", "audio_chunk", "audio_end"]);
    expect(passedOn.at(-1)).toEqual({ type: "audio_end", request_id: "r", chunks: 3 });
  });

  it("keeps everything for a server that has lost it", async () => {
    const { audio } = live();
    audio.add(bytes("a"));
    audio.add(bytes("b"));
    audio.end();
    audio.end();
    audio.add(bytes("after the end"));
    expect(audio.anew(FIELDS).map(({ type }) => type)).toEqual(["audio_start", "audio_chunk", "audio_chunk", "audio_end"]);
    expect(await (await audio.whole())?.text()).toBe("ab");
  });

  it("does not fill the memory", () => {
    const { audio } = live();
    for (let megabytes = 0; megabytes < 32; megabytes += 4) expect(audio.add(new Uint8Array(4 * 1024 * 1024))).toBe(true);
    expect(audio.add(new Uint8Array(1))).toBe(false);
  });
});

describe("toBase64", () => {
  it.each([0, 1, 2, 3, 32_767, 32_768, 100_001])("writes %i bytes so that they can be read again", (size) => {
    const audio = Uint8Array.from({ length: size }, (_, at) => at % 251);
    expect(toBase64(audio)).toBe(Buffer.from(audio).toString("base64"));
  });
});
