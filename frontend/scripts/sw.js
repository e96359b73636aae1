// Opens the page without a network: keeps what was built, and nothing of what the server answers.
// `npm run build` writes the version and the list.
const CACHE = "sounditout-__VERSION__";
const SHELL = ["__SHELL__"];
const NEVER = /^\/(api|readyz|healthz|metrics)(\/|$)/;
const BUILT = /^\/assets\/[^/]+\.(js|css|woff2)$/; // their names change with their content

self.addEventListener("install", (event) => {
  // Past this worker, where browsers can: what a page sends while it is left would be lost on the way through it.
  event.addRoutes?.({ condition: { urlPattern: { pathname: "/api/*" } }, source: "network" });
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || NEVER.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (BUILT.test(pathname)) event.respondWith(built(request));
  else if (SHELL.includes(pathname)) event.respondWith(newest(request));
});

async function forgetOlder() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith("sounditout-") && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

/** Every address of the app is the same page. */
async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await kept("/")) ?? Response.error();
  }
}

async function built(request) {
  const known = await kept(request);
  if (known !== undefined) return known;
  const response = await fetch(request);
  if (response.ok) await (await caches.open(CACHE)).put(request, response.clone());
  return response;
}

async function newest(request) {
  try {
    return await fetch(request);
  } catch {
    return (await kept(request)) ?? Response.error();
  }
}

async function kept(request) {
  return await (await caches.open(CACHE)).match(request, { ignoreVary: true });
}
