// Runs before the first paint: the chosen theme, and whether the top bar belongs to the first picture of the page.
try {
  const theme = localStorage.getItem("tintype.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  if (localStorage.getItem("tintype.session")) document.documentElement.dataset.session = "";
} catch {
  // Storage is switched off: the system's theme it is.
}
