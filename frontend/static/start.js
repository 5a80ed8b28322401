// Runs before the first paint: the chosen theme, and whether the top bar belongs to the first picture of the page. And asks for what the
// page shows first while the app is still on its way; src/api/prefetched.rs takes the answers, boot.js the thumbnails.
try {
  const theme = localStorage.getItem("tintype.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const token = localStorage.getItem("tintype.session");
  if (token) {
    document.documentElement.dataset.session = "";
    const prefetched = (window.tintypePrefetched = { token, answers: {} });
    const headers = { Accept: "application/json", Authorization: `Bearer ${token}` };
    const ask = (path) => (prefetched.answers[path] = fetch("/api/v1" + path, { headers }).catch(() => null));
    const here = location.pathname;
    if (here === "/") {
      // What is private may not be kept by the browser: it would be loaded twice.
      const shown = ({ items }) => items.flatMap(({ links, visibility }) => (visibility === "private" ? [] : links.thumb));
      prefetched.thumbnails = ask("/images?limit=60")
        .then((answer) => answer.clone().json())
        .then(shown)
        .catch(() => []);
    }
    if (here.startsWith("/images/")) ask(here);
    ask("/me");
  }
} catch {
  // Storage is switched off: the system's theme it is.
}
