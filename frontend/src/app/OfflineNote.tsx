import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";

/** Said once for the whole app: what is safe, and what happens next. */
export function OfflineNote() {
  const online = useSyncExternalStore(listen, () => navigator.onLine);
  return (
    <output>
      {!online && (
        <span className="mb-2 flex items-center gap-3 rounded-2xl bg-sunk px-5 py-3 text-quiet">
          <WifiOff aria-hidden className="shrink-0" /> You are offline. What you read is kept here and sent when you are back.
        </span>
      )}
    </output>
  );
}

function listen(changed: () => void): () => void {
  globalThis.addEventListener("online", changed);
  globalThis.addEventListener("offline", changed);
  return () => {
    globalThis.removeEventListener("online", changed);
    globalThis.removeEventListener("offline", changed);
  };
}
