/** Lets the page open without a network. Only what was built; the server's answers are never kept. */
export function installServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  if (document.readyState === "complete") install();
  else globalThis.addEventListener("load", install, { once: true });
}

function install(): void {
  navigator.serviceWorker.register("/sw.js").catch(() => undefined); // the page works without it
}
