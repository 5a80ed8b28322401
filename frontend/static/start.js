// Runs before the first paint: the chosen theme, and whether the top bar belongs to the first picture of the page. And asks for what the
// page shows first while the app is still on its way; src/api/early.rs takes the answer.
try {
  const theme = localStorage.getItem("tintype.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const token = localStorage.getItem("tintype.session");
  if (token) {
    document.documentElement.dataset.session = "";
    const path = location.pathname === "/" ? "/images?limit=60" : location.pathname.startsWith("/images/") && location.pathname;
    const url = "/api/v1" + path;
    const headers = { Accept: "application/json", Authorization: `Bearer ${token}` };
    if (path) window.tintypeEarly = { url, token, answer: fetch(url, { headers }).catch(() => null) };
  }
} catch {
  // Storage is switched off: the system's theme it is.
}
