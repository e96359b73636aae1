import { createContext, use, useEffect, type ReactNode } from "react";
import { toast } from "sonner";

import { droppedInWords } from "../hooks/dropped";
import { useKeptTakes, type KeptTakes } from "../hooks/useKeptTakes";
import { takesInBrowser } from "../services/keptTakes";
import { useConnection } from "./ConnectionContext";
import { useSession } from "./SessionContext";
import { useSettings } from "./SettingsContext";

const DROPPED_MS = 12_000; // it is not good news: time to read it

const store = takesInBrowser();

const KeptTakesContext = createContext<KeptTakes | null>(null);

/** Readings that could not be sent are sent when the server is there again, on whatever page somebody is then. */
export function KeptTakesProvider({ children }: { readonly children: ReactNode }) {
  const { keep_audio_on_device: keepsVoice } = useSettings().settings;
  const kept = useKeptTakes(useConnection(), store, useSession().user?.id ?? null, keepsVoice);
  useEffect(() => {
    if (kept.sent > 0) toast("Your reading from before has been sent.", { id: "kept-sent" });
  }, [kept.sent]);
  const latest = kept.dropped.at(-1);
  useEffect(() => {
    if (latest !== undefined) toast(droppedInWords(latest), { id: latest.requestId, duration: DROPPED_MS });
  }, [latest]);
  return <KeptTakesContext value={kept}>{children}</KeptTakesContext>;
}

export function useKept(): KeptTakes {
  const kept = use(KeptTakesContext);
  if (kept === null) throw new Error("useKept needs a KeptTakesProvider around it");
  return kept;
}
