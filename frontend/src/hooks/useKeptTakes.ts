import { useCallback, useEffect, useMemo, useState } from "react";

import type { AudioTransport } from "../services/audioTransport";
import { standardEnvironment } from "../services/environment";
import { exclusivelyHere } from "../services/exclusively";
import { withoutVoice, type KeptTake, type TakeStore } from "../services/keptTakes";
import { TakeSender } from "../services/takeSender";
import { Undelivered, type UnderWay } from "../services/undelivered";
import { useTransportStatus } from "./useAudioAnalysisStream";

export type KeptTakes = {
  /** How many wait. */
  readonly waiting: number;
  /** How many were sent since this page was opened. */
  readonly sent: number;
  /** Those of which the server said that nothing can be heard in them, since this page was opened; not kept any longer. */
  readonly dropped: readonly KeptTake[];
  /** Resolves to false when this browser cannot keep it. */
  readonly keep: (take: Omit<KeptTake, "userId">) => Promise<boolean>;
  /** A reading is on its way: it is kept when it does not get there, whatever page is open then. */
  readonly follow: (requestId: string, reading: UnderWay) => void;
  /** Everything of whoever is here goes. */
  readonly forget: () => Promise<void>;
};

/**
 * Readings that could not be sent: kept in the browser, and sent one by one as soon as the server is there; not their sound,
 * when it is to stay on this device by then.
 */
export function useKeptTakes(transport: AudioTransport, store: TakeStore, userId: number | null, keepsVoice: boolean): KeptTakes {
  const [waiting, setWaiting] = useState(0);
  const count = useCallback(async () => {
    const takes = userId === null ? [] : await store.all(userId).catch(() => []); // private browsing: nothing is kept
    setWaiting(takes.length);
  }, [store, userId]);
  const sendable = useMemo(() => (keepsVoice ? withoutVoice(store) : store), [keepsVoice, store]);
  const { sent, dropped, wake } = useSender(transport, sendable, userId, count);
  const undelivered = useUndelivered(transport);

  useEffect(() => {
    const look = async () => {
      await store.prune().catch(() => undefined);
      await count();
    };
    void look();
  }, [store, count]);

  const keep = useCallback(
    async (take: Omit<KeptTake, "userId">) => {
      if (userId === null) return false;
      try {
        await store.add({ ...take, userId });
      } catch {
        return false;
      }
      await count();
      wake();
      return true;
    },
    [count, store, userId, wake],
  );
  const follow = useCallback((requestId: string, reading: UnderWay) => { undelivered.follow(requestId, reading); }, [undelivered]);
  const forget = useCallback(async () => {
    undelivered.forget();
    if (userId !== null) await store.forget(userId).catch(() => undefined);
    await count();
  }, [count, store, undelivered, userId]);

  return { waiting, sent, dropped, keep, follow, forget };
}

function useUndelivered(transport: AudioTransport): Undelivered {
  const undelivered = useMemo(() => new Undelivered(transport, standardEnvironment()), [transport]);
  useEffect(() => undelivered.start(), [undelivered]);
  return undelivered;
}

/** Somebody's takes on their way, as long as they are here. */
function useSender(transport: AudioTransport, store: TakeStore, userId: number | null, onChange: () => Promise<void>) {
  const [sent, setSent] = useState(0);
  const [dropped, setDropped] = useState<readonly KeptTake[]>([]);
  const { state } = useTransportStatus(transport);
  const connected = state === "ready" || state === "fallback";

  const sender = useMemo(() => {
    if (userId === null) return null;
    return new TakeSender(transport, store, userId, standardEnvironment(), {
      onSent: () => {
        setSent((before) => before + 1);
        void onChange();
      },
      onDropped: (take) => { setDropped((before) => [...before, take]); },
      onRound: () => { void onChange(); },
    }, exclusivelyHere());
  }, [transport, store, userId, onChange]);
  useEffect(() => () => { sender?.stop(); }, [sender]);
  useEffect(() => { sender?.connected(connected); }, [sender, connected]);

  const wake = useCallback(() => { sender?.wake(); }, [sender]);
  return { sent, dropped, wake };
}
