import init from "{{app.js}}";

init({ module_or_path: "{{app.wasm}}" }).catch((error) => {
  console.error(error);
  const note = document.getElementById("shell-note");
  if (note) {
    note.textContent = "Tintype could not start. Load the page again; if that does not help, update your browser.";
    note.hidden = false;
  }
});
