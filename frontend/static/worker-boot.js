import init from "{{worker.js}}";

try {
  await init({ module_or_path: fetch("{{worker.wasm}}") });
} catch (error) {
  // Thrown later it reaches the page, which goes on without a worker.
  setTimeout(() => {
    throw error;
  });
}
