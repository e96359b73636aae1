import { describe, expect, it, vi } from "vitest";

import { serverEvents, type ServerEvent } from "./eventStream";

const TEXT = 'id: r:0\ndata: {"say":"ʃɪp"}\n\n: still here\n\nid: r:1\r\ndata: one\r\ndata: two\r\n\r\ndata: unfinished';

function inPieces(bytes: Uint8Array, size: number, onCancel = () => {}): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += size)));
    },
    cancel: onCancel,
  });
}

async function all(stream: ReadableStream<Uint8Array>): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(stream)) events.push(event);
  return events;
}

describe("serverEvents", () => {
  const bytes = new TextEncoder().encode(TEXT);

  it.each([1, 2, 3, 7, 64, 1000])("finds the same events in pieces of %i bytes", async (size) => {
    expect(await all(inPieces(bytes, size))).toEqual([
      { id: "r:0", data: '{"say":"ʃɪp"}' },
      { id: "r:1", data: "one\ntwo" },
    ]);
  });

  it("finds nothing in an empty body", async () => {
    expect(await all(inPieces(new Uint8Array(), 1))).toEqual([]);
  });

  it("carries spoken feedback in one event", async () => {
    const long = "A".repeat(500_000);
    const [event] = await all(inPieces(new TextEncoder().encode(`data: ${long}\n\n`), 16_384));
    expect(event?.data).toHaveLength(500_000);
  });

  it("lets go of the connection when nobody wants more", async () => {
    const cancelled = vi.fn<() => void>();
    for await (const event of serverEvents(inPieces(bytes, 40, cancelled))) {
      expect(event.id).toBe("r:0");
      break;
    }
    expect(cancelled).toHaveBeenCalledOnce();
  });
});
