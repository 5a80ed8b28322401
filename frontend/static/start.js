// Runs before the first paint: sets the chosen theme, and whether the shell has a top bar. Fetches what the page shows first while the app
// is loading; src/api/prefetched.rs takes the responses, boot.js the thumbnails.
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
    if (here === "/" && !location.search) {
      // Private thumbnails are not cached: they would be loaded twice.
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
  // Without storage, the system's theme is used.
}
