import { createParser } from "eventsource-parser";

/** One event as it stands on the wire. */
export type ServerEvent = { readonly id: string | undefined; readonly data: string };

const LONGEST_EVENT = 8 * 1024 * 1024; // characters; spoken feedback is the longest, at about 200,000

/**
 * The events of a `text/event-stream` body, however the network cut it into pieces.
 * Leaving the loop early lets go of the connection.
 */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const waiting: ServerEvent[] = [];
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onEvent: ({ id, data }) => waiting.push({ id, data }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      parser.feed(done ? decoder.decode() : decoder.decode(value, { stream: true }));
      yield* waiting.splice(0);
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
