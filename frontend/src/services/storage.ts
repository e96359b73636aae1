/** What this device remembers. Storage may be switched off or full: then nothing is remembered, and nothing breaks. */

const PREFIX = "sounditout.";

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private browsing: the page works, and forgets.
  }
}

/** Calls back when another tab changes what is remembered under this name. Returns how to stop. */
export function onRemembered(name: string, changed: (value: string | null) => void): () => void {
  const listen = (event: StorageEvent) => {
    if (event.key === PREFIX + name) changed(event.newValue);
  };
  globalThis.addEventListener("storage", listen);
  return () => {
    globalThis.removeEventListener("storage", listen);
  };
}
