import init from "{{app.js}}";

function preload(href, how) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "preload", ...how, href }));
}

try {
  const app = await WebAssembly.compileStreaming(fetch("{{app.wasm}}"));
  const prefetched = globalThis.tintypePrefetched;
  if (prefetched) {
    // Every page but the gallery has parts in the other module.
    const needsLater = location.pathname !== "/";
    if (needsLater) preload("{{later.wasm}}", { as: "fetch", type: "application/wasm", crossOrigin: "" });
    // The network is idle while the app starts: it calls this first, for what it is about to show. Waits for an answer that is about to arrive.
    const soon = new Promise((resolve) => setTimeout(resolve, 30));
    const pictures = (await Promise.race([prefetched.pictures, soon])) ?? [];
    prefetched.loadAhead = () => {
      // About a window of them, after the app's own requests.
      for (const href of pictures.slice(0, 18)) preload(href, { as: "image", fetchPriority: "low" });
      return needsLater;
    };
  }
  await init({ module_or_path: app });
  // Without a secure connection there is neither.
  if (navigator.serviceWorker && globalThis.caches) {
    navigator.serviceWorker.register("/service-worker.js").catch(console.warn);
    caches.has("tintype-shared").then((has) => has && import("{{shared.js}}")).catch(console.warn);
  }
} catch (error) {
  console.error(error);
  const note = document.getElementById("shell-note");
  if (note) {
    note.textContent = "Tintype could not start. Load the page again; if that does not help, update your browser.";
    note.hidden = false;
  }
}
