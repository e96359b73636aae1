import { createContext, use, useEffect, useState, type ReactNode } from "react";

import { ApiError } from "../services/api/http";
import type { AudioTransport } from "../services/audioTransport";
import { TransportLadder } from "../services/transportLadder";
import { useSession, type Session } from "./SessionContext";
import { useSettings } from "./SettingsContext";

const TRY_AGAIN_MS = 3_000;

const ConnectionContext = createContext<AudioTransport | null>(null);

/** One connection for the whole app, as long as somebody is signed in; which way it goes is one setting. */
export function ConnectionProvider({ children }: { readonly children: ReactNode }) {
  const [ladder] = useState(() => new TransportLadder());
  const { settings } = useSettings();
  const session = useSession();
  const { token } = session;
  const useWebsocket = settings.effective.use_websocket;

  useEffect(() => {
    ladder.setPreferred(useWebsocket ? "websocket" : "sse");
  }, [ladder, useWebsocket]);

  const { practiceSession, forgetPracticeSession, refused } = session;
  useEffect(() => {
    if (token === null) return;
    return keepConnected(ladder, token, { practiceSession, forgetPracticeSession, refused });
  }, [ladder, token, practiceSession, forgetPracticeSession, refused]);

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

  return <ConnectionContext value={ladder}>{children}</ConnectionContext>;
}

export function useConnection(): AudioTransport {
  const connection = use(ConnectionContext);
  if (connection === null) throw new Error("useConnection needs a ConnectionProvider around it");
  return connection;
}

/** Connects as soon as there is a practice session to read in, and again when the server has forgotten it. → stop */
function keepConnected(
  transport: AudioTransport,
  token: string,
  session: Pick<Session, "practiceSession" | "forgetPracticeSession" | "refused">,
): () => void {
  let wanted = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const attempt = async () => {
    const sessionId = await session.practiceSession();
    if (wanted) transport.connect({ baseUrl: location.origin, token, sessionId, clientId });
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
    session.forgetPracticeSession();
    connect();
  });
  const stopStates = transport.onState(({ reason }) => {
    if (reason === "signed_out") session.refused(token);
  });
  globalThis.addEventListener("online", connect);
  connect();
  return () => {
    wanted = false;
    clearTimeout(timer);
    globalThis.removeEventListener("online", connect);
    stopEvents();
    stopStates();
    transport.disconnect();
  };
}

/** Per page that is open: one that is loaded again takes the place of nobody. */
const clientId = crypto.randomUUID();
