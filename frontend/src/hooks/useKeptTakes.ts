import { useCallback, useEffect, useRef, useState } from "react";

import type { KeptTake, TakeStore } from "../services/keptTakes";
import type { AudioTransport } from "../services/audioTransport";
import { useTransportStatus } from "./useAudioAnalysisStream";

export type KeptTakes = {
  /** How many wait. */
  readonly waiting: number;
  /** How many were sent since this page was opened. */
  readonly sent: number;
  /** Resolves to false when this browser cannot keep it. */
  readonly keep: (take: Omit<KeptTake, "userId">) => Promise<boolean>;
};

/** Readings that could not be sent: kept in the browser, and sent one by one as soon as the server is there. */
export function useKeptTakes(transport: AudioTransport, store: TakeStore, userId: number | null): KeptTakes {
  const [waiting, setWaiting] = useState(0);
  const [sent, setSent] = useState(0);
  const sending = useRef(false);
  const { state } = useTransportStatus(transport);
  const connected = state === "ready" || state === "fallback";

  const count = useCallback(async () => {
    const takes = userId === null ? [] : await store.all(userId);
    setWaiting(takes.length);
  }, [store, userId]);

  const keep = useCallback(
    async (take: Omit<KeptTake, "userId">) => {
      if (userId === null) return false;
      try {
        await store.add({ ...take, userId });
        await count();
        return true;
      } catch {
        return false;
      }
    },
    [count, store, userId],
  );

  useEffect(() => {
    const look = async () => { await count().catch(() => undefined); }; // private browsing: nothing is kept
    void look();
  }, [count]);

  useEffect(() => {
    if (!connected || waiting === 0 || userId === null || sending.current) return;
    sending.current = true;
    sendAll(transport, store, userId, () => { setSent((before) => before + 1); })
      .then(count)
      .catch(() => undefined)
      .finally(() => { sending.current = false; });
  }, [connected, waiting, userId, transport, store, count]);

  return { waiting, sent, keep };
}

/** The oldest first; stops at the first that has to wait longer. */
async function sendAll(transport: AudioTransport, store: TakeStore, userId: number, onSent: () => void): Promise<void> {
  for (const take of await store.all(userId)) {
    const outcome = await sendOne(transport, take);
    if (outcome === "later") return;
    await store.remove(take.requestId);
    if (outcome === "sent") onSent();
  }
}

/** useless: the server has said for good that there is nothing to hear in it. */
function sendOne(transport: AudioTransport, take: KeptTake): Promise<"sent" | "later" | "useless"> {
  return new Promise((resolve) => {
    const stop = transport.onEvent((event) => {
      if (event.request_id !== take.requestId) return;
      if (event.type !== "complete" && event.type !== "error" && event.type !== "cancelled") return;
      stop();
      if (event.type === "complete") resolve("sent");
      else resolve(event.type === "error" && mayWorkLater(event.data) ? "later" : "useless");
    });
    transport.sendAudio(take.audio, take.sentence, take.heard?.phonemes, take.heard?.words, { requestId: take.requestId });
  });
}

function mayWorkLater({ retryable, code }: { readonly retryable: boolean; readonly code: string }): boolean {
  return retryable || code === "disconnected" || code === "replaced" || code === "unauthorized";
}
