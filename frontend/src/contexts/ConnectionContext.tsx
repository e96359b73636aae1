import { createContext, use, useEffect, useRef, useState, type ReactNode } from "react";

import { usePickedTransport } from "../hooks/useHybridAudioAnalysis";
import { ApiError } from "../services/api/http";
import type { AudioTransport } from "../services/audioTransport";
import { TransportLadder } from "../services/transportLadder";
import { useSession, type Session } from "./SessionContext";
import { useSettings } from "./SettingsContext";
import { tabId, thisTab } from "./tabId";
import { useMeasuring } from "./useMeasuring";

const TRY_AGAIN_MS = 3_000;

const ConnectionContext = createContext<AudioTransport | null>(null);

/** One connection for the whole app, as long as somebody is signed in; which way it goes is one setting. */
export function ConnectionProvider({ children }: { readonly children: ReactNode }) {
  const [ladder] = useState(() => new TransportLadder("sse"));
  const { settings, settled } = useSettings();
  const session = useSession();
  const { token } = session;
  const userId = session.user?.id ?? null;
  useMeasuring(ladder, session, settings.effective.stage); // first, so that it misses nothing
  const picked = usePickedTransport(ladder, settings.effective);
  const latest = useRef(session);
  const connect = useRef<() => void>(() => undefined);

  useEffect(() => {
    latest.current = session;
  });
  useEffect(() => {
    if (userId === null || !settled) return; // the server says first which way
    const kept = keepConnected(ladder, () => latest.current);
    connect.current = kept.connect;
    kept.connect();
    return () => {
      connect.current = () => undefined;
      kept.stop();
    };
  }, [ladder, userId, settled]);
  useEffect(() => {
    if (token !== null) connect.current(); // a newer token goes to the same connection
  }, [token]);

  useEffect(() => {
    const check = () => {
      if (!document.hidden) ladder.checkNow();
    };
    globalThis.addEventListener("online", check);
    globalThis.addEventListener("offline", check); // whether the connection still lives shows at once
    document.addEventListener("visibilitychange", check);
    return () => {
      globalThis.removeEventListener("online", check);
      globalThis.removeEventListener("offline", check);
      document.removeEventListener("visibilitychange", check);
    };
  }, [ladder]);

  return <ConnectionContext value={picked}>{children}</ConnectionContext>;
}

export function useConnection(): AudioTransport {
  const connection = use(ConnectionContext);
  if (connection === null) throw new Error("useConnection needs a ConnectionProvider around it");
  return connection;
}

type Kept = { readonly connect: () => void; readonly stop: () => void };

/** Connects once there is a practice session to read in, and again when the server has forgotten it. */
function keepConnected(transport: AudioTransport, session: () => Session): Kept {
  let wanted = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const attempt = async () => {
    const sessionId = await session().practiceSession();
    const { token } = session();
    if (!wanted || token === null) return;
    transport.connect({ baseUrl: location.origin, token, sessionId, clientId, refreshToken: () => session().renew() });
  };
  const connect = () => {
    clearTimeout(timer);
    attempt().catch((error: unknown) => {
      const hopeless = error instanceof ApiError && !error.retryable;
      if (wanted && !hopeless) timer = setTimeout(connect, TRY_AGAIN_MS);
    });
  };
  const stopEvents = transport.onEvent((event) => {
    if (event.type !== "error" || event.data.code !== "unknown_session") return;
    session().forgetPracticeSession();
    connect();
  });
  const stopStates = transport.onState(({ reason }) => {
    if (reason === "signed_out") session().refused(session().token ?? "");
  });
  globalThis.addEventListener("online", connect);
  return {
    connect,
    stop: () => {
      wanted = false;
      clearTimeout(timer);
      globalThis.removeEventListener("online", connect);
      stopEvents();
      stopStates();
      transport.disconnect();
    },
  };
}

const clientId = tabId(thisTab());
