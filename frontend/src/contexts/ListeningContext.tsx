import { createContext, use, useEffect, type ReactNode } from "react";

import { useListeningHere, type ListeningHere } from "../hooks/useListeningHere";
import { forgetWords } from "../services/listening/keptWords";
import { useSession } from "./SessionContext";
import { useSettings } from "./SettingsContext";

const ListeningContext = createContext<ListeningHere | null>(null);

/** The browser's own ears for the whole app: they are got ready as soon as somebody wants them, on whatever page. */
export function ListeningProvider({ children }: { readonly children: ReactNode }) {
  const { token } = useSession();
  const { in_browser_listening: wanted, keep_audio_on_device: keepOnDevice } = useSettings().settings;
  const listening = useListeningHere({ wanted: wanted || keepOnDevice, keepOnDevice, token });
  useEffect(() => {
    if (token === null) void forgetWords(globalThis.caches as CacheStorage | undefined); // missing on a page that is not secure
  }, [token]);
  return <ListeningContext value={listening}>{children}</ListeningContext>;
}

export function useListening(): ListeningHere {
  const listening = use(ListeningContext);
  if (listening === null) throw new Error("useListening needs a ListeningProvider around it");
  return listening;
}
