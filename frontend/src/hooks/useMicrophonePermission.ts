import { useEffect, useState } from "react";

/** prompt: the browser is going to ask. unknown: it does not tell. */
export type Permission = "unknown" | "prompt" | "granted" | "denied";

/** Whether the microphone may be used, as the browser knows it; follows what the person changes there. */
export function useMicrophonePermission(): Permission {
  const [permission, setPermission] = useState<Permission>("unknown");

  useEffect(() => {
    const stopped = new AbortController();
    const watch = async () => {
      const status = await navigator.permissions.query({ name: "microphone" });
      if (stopped.signal.aborted) return;
      setPermission(status.state);
      status.addEventListener("change", () => { setPermission(status.state); }, { signal: stopped.signal });
    };
    watch().catch(() => undefined); // Firefox does not tell: then we find out when we ask
    return () => { stopped.abort(); };
  }, []);

  return permission;
}
