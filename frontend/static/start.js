// Runs before the first paint: sets the chosen theme, and whether the shell has a top bar. Fetches what the page shows first while the app
// is loading; src/api/prefetched.rs takes the responses, boot.js the pictures.
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
    const show = (path, pictures) => {
      const answer = ask(path).then((answer) => answer.clone().json());
      prefetched.pictures = answer.then(pictures).catch(() => []);
    };
    // Private pictures are not cached: they would be loaded twice.
    const unlessPrivate = (part) => ({ links, visibility }) => (visibility === "private" ? [] : links[part]);
    const wall = ({ items }) => items.flatMap(unlessPrivate("thumb"));
    if (here === "/" && !location.search) show("/images?limit=60", wall);
    if (here.startsWith("/albums/")) show(here + "/images?limit=60", wall);
    if (here.startsWith("/images/")) {
      show(here, (image) => [(prefetched.image = image)].flatMap(unlessPrivate("preview")));
      ask("/images?limit=60");
    }
    ask("/me");
  }
} catch {
  // Without storage, the system's theme is used.
}
