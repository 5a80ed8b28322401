// What a phone sends with "Share", and the page's own files where there is no network. No picture and no call of the API passes here.
// A new build is a new worker: it names what it keeps by the app's address.
const SHELL = "tintype-shell {{app.wasm}}";
const SHARED = "tintype-shared";
/** The most pictures that wait: any site can send some here. */
const MOST = 100;
/** What the server renders by itself. */
const OTHERS = /^\/(a|api|d|docs|s)\/|^\/(docs|openapi\.json)$/;

addEventListener("install", (event) => {
  const keep = async () => (await caches.open(SHELL)).add("/");
  event.waitUntil(keep().then(skipWaiting));
});

addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name !== SHELL && name !== SHARED) await caches.delete(name);
    await clients.claim();
  };
  event.waitUntil(clean());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && pathname === "/share") event.respondWith(receive(request));
  if (request.method !== "GET") return;
  if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (request.mode === "navigate" && !OTHERS.test(pathname)) event.respondWith(page(request));
});

/** Keeps what was shared until somebody says in the page what is to become of it. */
async function receive(request) {
  const cache = await caches.open(SHARED);
  const files = (await request.formData()).getAll("files").filter((file) => file instanceof File && file.size > 0);
  const room = MOST - (await cache.keys()).length;
  for (const file of files.slice(0, room)) {
    const headers = { "Content-Type": file.type, "X-Name": encodeURIComponent(file.name), "X-Modified": String(file.lastModified) };
    await cache.put(`/share/${crypto.randomUUID()}`, new Response(file, { headers }));
  }
  return Response.redirect("/", 303);
}

/** Its name holds a hash of it: what is kept is what it is. */
async function asset(request) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("/", { cacheName: SHELL });
    if (kept) return kept;
    throw error;
  }
}
