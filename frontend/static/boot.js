import init from "{{app.js}}";

try {
  const app = await WebAssembly.compileStreaming(fetch("{{app.wasm}}"));
  // The line is free while the app starts: about as many thumbnails as a window shows are in the browser's cache by the time it wants them.
  // What the app itself asks for goes before them. A list that is about to arrive is waited for. The worker starts here too and has none.
  const soon = new Promise((resolve) => setTimeout(resolve, 30));
  const thumbnails = (await Promise.race([globalThis.tintypePrefetched?.thumbnails, soon])) ?? [];
  for (const src of thumbnails.slice(0, 18)) Object.assign(new Image(), { fetchPriority: "low", src });
  await init({ module_or_path: app });
} catch (error) {
  console.error(error);
  const note = document.getElementById("shell-note");
  if (note) {
    note.textContent = "Tintype could not start. Load the page again; if that does not help, update your browser.";
    note.hidden = false;
  }
}
