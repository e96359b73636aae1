/** How the app talks to its server: every bound, and why it is that much. Milliseconds and bytes. */

export const SOCKET_PATH = "/api/ai/ws/audio-analysis";
export const ANALYZE_PATH = "/api/ai/analyze-audio";
export const ANALYZE_WITH_PHONEMES_PATH = "/api/ai/analyze-audio-with-phonemes";
export const ALIVE_PATH = "/healthz";
export const SUBPROTOCOL = "sounditout.v1";

/** The first wait before another attempt is at most so long: a reader hardly notices. */
export const FIRST_WAIT_MS = 500;
/** A server that comes back is found within so long. */
export const LONGEST_WAIT_MS = 30_000;

/** From the first packet to `ready`. With the question whether the server is there at all, SSE is in use within 5 s. */
export const READY_MS = 4_500;
/** Whether a server is there at all is a small question. */
export const ALIVE_MS = 3_000;
/** One failed handshake may be an accident; so many in a row are a network that lets no WebSocket through. */
export const MAX_HANDSHAKES = 3;
/** A laptop moves from a school's network to one at home: the better way is found within a minute. */
export const PROBE_MS = 60_000;
/** A WebSocket that has worked before, and then did not, is more likely a server that was starting. */
export const FIRST_PROBE_MS = 10_000;

/** When the server does not say how often to ping. */
export const HEARTBEAT_MS = 30_000;
/** Heartbeats without any frame, after which the other side is gone: a lost `pong` and the time for it to travel. */
export const SILENT_HEARTBEATS = 1.5;
/** After the device woke up, a connection that still works answers a ping within so long. */
export const PROMPT_MS = 3_000;
/** A server that stops is not believed to need longer, whatever it says. */
export const LONGEST_MOVE_MS = 60_000;
/** Tokens that last no longer than the server's warning would otherwise be renewed without a pause. */
export const RENEW_EVERY_MS = 10_000;
/** A stream without a byte for so long is broken: a server that listens says so every 15 s at least. */
export const STREAM_SILENCE_MS = 60_000;
/** After a pause of the device, more silence than this is reason enough to ask anew. */
export const STREAM_DOUBT_MS = 20_000;

/** For one reading: a server that restarts is back after 30 s, and a reading takes less than one. */
export const TIME_LIMIT_MS = 120_000;
/** The longest recording is a minute. */
export const LIVE_EXTRA_MS = 60_000;
/** A server that is too busy is asked again so often; after that a person should decide. */
export const OVERLOAD_RETRIES = 3;
/** Somebody who cancels does not wait longer for the server to agree. */
export const CANCEL_MS = 2_000;

/** At most ten chunks a second: half of what servers allow, so that all of them may be sent twice within a minute. */
export const CHUNK_MS = 100;
/** In base64 0.7 MB: a `pong` does not wait long behind it. */
export const MAX_CHUNK_BYTES = 512 * 1024;
/** Eight times what a server takes; a source that never ends must not fill the memory. */
export const MAX_RECORDING_BYTES = 32 * 1024 * 1024;
