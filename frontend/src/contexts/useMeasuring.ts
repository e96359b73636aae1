import { useEffect, useRef } from "react";

import type { AudioTransport } from "../services/audioTransport";
import { standardEnvironment } from "../services/environment";
import { Measuring, type Measured } from "../services/measuring/measuring";
import type { Session } from "./SessionContext";

/** Tells the server how this page does, as long as somebody is signed in; at which stage of the rollout, the server has said. */
export function useMeasuring(transport: AudioTransport, { user, token }: Session, stage: number): void {
  const userId = user?.id ?? null;
  const latest = useRef<Measured>({ token: "", stage });
  const current = useRef<Measuring | null>(null);

  useEffect(() => {
    if (token === null) return; // what is left to send has the token that it was measured with
    latest.current = { token, stage };
    current.current?.update(latest.current);
  }, [token, stage]);
  useEffect(() => {
    if (userId === null) return;
    const environment = standardEnvironment();
    const measuring = new Measuring(transport, { baseUrl: location.origin, environment, measured: latest.current, isHidden: document.hidden });
    const stopFollowing = followPage(measuring);
    current.current = measuring;
    return () => {
      current.current = null;
      stopFollowing();
      measuring.stop();
    };
  }, [transport, userId]);
}

function followPage(measuring: Measuring): () => void {
  const stopped = new AbortController();
  const { signal } = stopped;
  document.addEventListener("visibilitychange", () => { measuring.setHidden(document.hidden); }, { signal });
  globalThis.addEventListener("pagehide", () => { measuring.left(); }, { signal });
  globalThis.addEventListener("pageshow", ({ persisted }) => { if (persisted) measuring.back(); }, { signal });
  return () => { stopped.abort(); };
}
