import { createContext, use, useCallback, useEffect, useMemo, useReducer, useRef, useState, type ReactNode } from "react";

import { ApiError } from "../services/api/http";
import { changeSettings, getSettings, type Choices, type Settings } from "../services/api/settings";
import { remember, remembered } from "../services/storage";
import { keepFresh } from "./keepFresh";
import { useSession } from "./SessionContext";
import { fromStored, settingsReducer, shown, toStored } from "./settingsState";

const STORED = "settings";
const MICROPHONE = "microphone";
const SAVE_AFTER_MS = 400; // a slider that is being moved is saved once
const TRY_AGAIN_MS = 15_000;
const LONGEST_ASK_MS = 2_000; // a slow network is not to keep anybody from reading
const UNAUTHORIZED = 401;

export type SettingsAccess = {
  readonly settings: Settings;
  /** The server was asked since somebody came in: it has answered, or what this device knows has to do. */
  readonly settled: boolean;
  /** Counts at once, on this device also when the server is away; saved there when it can be. */
  readonly change: (changes: Partial<Choices>) => void;
  /** Chosen here, and not yet saved on the server. */
  readonly unsaved: boolean;
  /** Of this device only; null: the one the browser prefers. */
  readonly microphone: string | null;
  readonly chooseMicrophone: (deviceId: string | null) => void;
};

const SettingsContext = createContext<SettingsAccess | null>(null);

export function SettingsProvider({ children }: { readonly children: ReactNode }) {
  const { token, refused } = useSession();
  const [state, dispatch] = useReducer(settingsReducer, null, () => fromStored(remembered(STORED)));
  const [microphone, setMicrophone] = useState(() => remembered(MICROPHONE));
  const { pending } = state;
  const settings = useMemo(() => shown(state), [state]);
  const dirty = Object.keys(pending).length > 0;

  useEffect(() => {
    remember(STORED, toStored(state));
  }, [state]);
  useEffect(() => { dress(document.documentElement, settings); }, [settings]);

  const [wasKnown, setWasKnown] = useState(token !== null);
  if (wasKnown !== (token !== null)) {
    setWasKnown(token !== null);
    if (token === null) dispatch({ type: "left" });
  }

  const [settled, settle] = useSettled(token !== null);
  const saves = useRef(0);
  useEffect(() => {
    if (token === null) return;
    return keepFresh(async (signal) => {
      const before = saves.current;
      const fresh = await getSettings({ token, signal }).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === UNAUTHORIZED) refused(token);
        if (!signal.aborted) settle();
        throw error;
      });
      if (saves.current === before) dispatch({ type: "loaded", settings: fresh }); // else it may be older than what was saved
      settle();
    });
  }, [token, refused, settle]);

  useEffect(() => {
    if (token === null || !dirty) return;
    const save = async (signal: AbortSignal) => {
      const saved = await changeSettings(pending, { token, signal });
      saves.current += 1;
      dispatch({ type: "saved", changes: pending, settings: saved });
    };
    return keepTrying(save, () => { dispatch({ type: "refused", changes: pending }); });
  }, [token, pending, dirty]);

  const change = useCallback((changes: Partial<Choices>) => { dispatch({ type: "chosen", changes }); }, []);
  const chooseMicrophone = useCallback((deviceId: string | null) => {
    setMicrophone(deviceId);
    remember(MICROPHONE, deviceId);
  }, []);
  const access = useMemo(
    () => ({ settings, settled, change, unsaved: dirty && token !== null, microphone, chooseMicrophone }),
    [settings, settled, change, dirty, token, microphone, chooseMicrophone],
  );
  return <SettingsContext value={access}>{children}</SettingsContext>;
}

export function useSettings(): SettingsAccess {
  const access = use(SettingsContext);
  if (access === null) throw new Error("useSettings needs a SettingsProvider around it");
  return access;
}

/** Whether it is settled how to go on, since somebody came in; at the latest after a moment. And how to say so. */
function useSettled(isKnown: boolean): readonly [boolean, () => void] {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    if (!isKnown) return;
    const timer = setTimeout(setSettled, LONGEST_ASK_MS, true);
    return () => {
      clearTimeout(timer);
      setSettled(false);
    };
  }, [isKnown]);
  const settle = useCallback(() => { setSettled(true); }, []);
  return [settled, settle];
}

/** The same attributes that /dress.js sets before the first paint. */
function dress(page: HTMLElement, { theme, text_size, font }: Settings): void {
  page.dataset["theme"] = theme;
  page.dataset["textSize"] = text_size;
  page.dataset["font"] = font;
}

/** Tries soon, then now and then and whenever the network is back, until it works, is refused, or the returned function is called. */
function keepTrying(attempt: (signal: AbortSignal) => Promise<void>, refused: () => void): () => void {
  const stopped = new AbortController();
  let timer = setTimeout(run, SAVE_AFTER_MS);
  function run(): void {
    clearTimeout(timer);
    attempt(stopped.signal).catch((error: unknown) => {
      const hopeless = error instanceof ApiError && !error.retryable;
      if (stopped.signal.aborted) return;
      if (hopeless && error.status !== UNAUTHORIZED) refused(); // whoever comes in again has chosen it still
      else if (!hopeless) timer = setTimeout(run, TRY_AGAIN_MS);
    });
  }
  globalThis.addEventListener("online", run, { signal: stopped.signal });
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
}
