import { useListening } from "../../contexts/ListeningContext";
import { useSettings } from "../../contexts/SettingsContext";

/** Whether words light up while they are read, over an open line: somebody wants it, and it is the server that listens. */
export function useLiveWords(): boolean {
  const { settings } = useSettings();
  const { extractor } = useListening();
  return settings.live_words && extractor?.ready !== true;
}
