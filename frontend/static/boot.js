import init from "{{app.js}}";

try {
  const app = await WebAssembly.compileStreaming(fetch("{{app.wasm}}"));
  // The network is idle while the app starts: loads about a window of thumbnails into the cache, after the app's own requests. Waits for a
  // list that is about to arrive.
  const soon = new Promise((resolve) => setTimeout(resolve, 30));
  const thumbnails = (await Promise.race([globalThis.tintypePrefetched?.thumbnails, soon])) ?? [];
  for (const src of thumbnails.slice(0, 18)) Object.assign(new Image(), { fetchPriority: "low", src });
  await init({ module_or_path: app });
  // Without a secure connection there is neither.
  if (navigator.serviceWorker && globalThis.caches) {
    navigator.serviceWorker.register("/service-worker.js").catch(console.warn);
    import("{{shared.js}}").catch(console.warn);
  }
} catch (error) {
  console.error(error);
  const note = document.getElementById("shell-note");
  if (note) {
    note.textContent = "Tintype could not start. Load the page again; if that does not help, update your browser.";
    note.hidden = false;
  }
}
