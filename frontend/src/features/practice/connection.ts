import type { TransportStatus } from "../../services/audioTransport";

/** What the pill says, and what it says when somebody asks. */
export type ConnectionWords = {
  readonly tone: "live" | "steady" | "mending" | "away";
  readonly name: string;
  readonly explained: string;
};

/** `liveWords`: over an open line words light up. Pure. */
export function connectionWords({ state, reason, transport }: TransportStatus, liveWords: boolean): ConnectionWords {
  if (reason === "offline") {
    return words("away", "offline", "This device has no network. You can read on: what you read is kept here and sent when you are back.");
  }
  if (state === "reconnecting") return words("mending", "reconnecting", MENDING[reason] ?? "The connection broke off and is being mended. Nothing is lost.");
  if (state === "fallback") return words("steady", "step by step", `${FALLEN[reason] ?? FALLEN_SOMEHOW} Words get their colours a little later, when the sentence has been read.`);
  if (state === "connecting") return words("mending", "connecting", "The line to the server is being opened. You can begin to read.");
  if (state === "ready" && transport === "websocket") {
    return words("live", "live", `The line to the server is open (WebSocket): ${liveWords ? "words light up while you read" : "answers come at once"}.`);
  }
  if (state === "ready") return words("steady", "step by step", "Each reading is sent by itself (SSE): words get their colours when the sentence has been read.");
  return words("away", "not connected", RESTING[reason] ?? "There is no line to the server just now. You can read on: what you read is kept here.");
}

const MENDING: Partial<Record<TransportStatus["reason"], string>> = {
  unreachable: "The server does not answer just now. You can read on: what you read is kept here and sent when it is back.",
  restarting: "The server starts anew and is back in a moment. Nothing is lost.",
  busy: "The server has a lot to do. We try again in a moment; nothing is lost.",
};

const FALLEN: Partial<Record<TransportStatus["reason"], string>> = {
  blocked: "An open line does not get through your network, so each reading is sent by itself (SSE).",
};
const FALLEN_SOMEHOW = "An open line cannot be had just now, so each reading is sent by itself (SSE).";

const RESTING: Partial<Record<TransportStatus["reason"], string>> = {
  signed_out: "You were here for a while. Please come in again; what you have read is kept.",
  replaced: "You went on in another tab. Read here, and the line comes back to this page.",
  too_large: "The last recording was larger than this server takes. Read on: the line opens again by itself.",
  fault: "This page is older than the server. Please load it again.",
};

function words(tone: ConnectionWords["tone"], name: string, explained: string): ConnectionWords {
  return { tone, name, explained };
}

/** Of readings that are kept on this device. Pure. */
export function keptWords(waiting: number): string {
  return waiting === 1 ? "One reading is kept here and waits to be sent." : `${waiting} readings are kept here and wait to be sent.`;
}
