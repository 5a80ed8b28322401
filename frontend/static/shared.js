// Where a phone has shared pictures: hands them to the app (src/upload/shared.rs), and forgets them when it has answered.
const SHARED = "tintype-shared";

async function read(cache, request) {
  const kept = await cache.match(request);
  const { headers } = kept;
  const about = { type: headers.get("Content-Type"), lastModified: Number(headers.get("X-Modified")) };
  return new File([await kept.blob()], decodeURIComponent(headers.get("X-Name")), about);
}

const cache = await caches.open(SHARED);
const requests = await cache.keys();
const files = await Promise.all(requests.map((request) => read(cache, request)));
// What has been shared since then waits for its own answer.
window.tintypeShared = { files, forget: () => requests.forEach((request) => cache.delete(request)) };
if (files.length) dispatchEvent(new Event("tintype-shared"));
