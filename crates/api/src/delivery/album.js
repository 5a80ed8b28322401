// Opens the pictures of an album over its page. Without this, each leads to its own page.
const links = [...document.querySelectorAll(".wall a")];
const box = document.querySelector(".lightbox");
const part = (name) => box.querySelector(`.${name}`);
let at = 0;
let leaves = false;

// What is shown large, and how large, as CSS: what the window leaves it, and not more than it has.
function large(link) {
  const small = link.querySelector("img");
  const picture = new Image();
  const [width, height] = [small.getAttribute("width"), small.getAttribute("height")];
  const room = `min(100vw, ${width}px, (100dvh - 136px) * ${width} / ${height})`;
  picture.sizes = room;
  if (link.dataset.moves) picture.src = link.dataset.original;
  else [picture.srcset, picture.src] = [small.srcset, small.getAttribute("src")];
  [picture.width, picture.height, picture.alt] = [width, height, small.alt];
  picture.style.width = room;
  // The thumbnail is there already.
  if (!picture.complete && small.currentSrc) {
    picture.style.background = `center / cover url("${small.currentSrc}")`;
    picture.onload = picture.onerror = () => (picture.style.background = "");
  }
  return picture;
}

function show(index) {
  at = index;
  const link = links[at];
  const picture = large(link);
  part("stage").replaceChildren(picture);
  const name = part("name");
  [name.textContent, name.href] = [link.dataset.name ?? picture.alt, link.href];
  part("place").textContent = `${at + 1} of ${links.length}`;
  part("download").href = `${link.dataset.original}?download=1`;
  const focused = document.activeElement;
  part("before").disabled = at === 0;
  part("behind").disabled = at === links.length - 1;
  if (!box.open) box.showModal();
  // A button that is of no use any more loses the focus.
  if (focused?.disabled || document.activeElement === document.body) part("close").focus();
  for (const next of [links[at + 1], links[at - 1]]) if (next) large(next);
}

function step(by) {
  if (!box.open || !links[at + by]) return;
  history.replaceState({ shown: at + by }, "");
  show(at + by);
}

// The way back is the browser's.
function leave() {
  if (leaves || history.state?.shown === undefined) return;
  leaves = true;
  history.back();
}

function follow(state) {
  leaves = false;
  if (links[state?.shown]) show(state.shown);
  else if (box.open) box.close();
}

links.forEach((link, index) => {
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState({ shown: index }, "");
    show(index);
  });
});
addEventListener("popstate", (event) => follow(event.state));
box.addEventListener("cancel", (event) => {
  event.preventDefault();
  leave();
});
box.addEventListener("close", () => {
  part("stage").replaceChildren();
  links[at].focus();
  leave();
});
box.addEventListener("click", (event) => {
  if (event.target === box || event.target === part("stage")) leave();
});
part("close").addEventListener("click", leave);
part("before").addEventListener("click", () => step(-1));
part("behind").addEventListener("click", () => step(1));
box.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { ArrowLeft: -1, ArrowRight: 1, Home: -at, End: links.length - 1 - at }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  if (by) step(by);
});

// A finger from side to side, unless it moves what is enlarged.
let start;
box.addEventListener("touchstart", ({ touches }) => {
  start = touches.length === 1 && visualViewport.scale === 1 ? touches[0] : undefined;
}, { passive: true });
box.addEventListener("touchend", ({ changedTouches }) => {
  if (!start) return;
  const [across, down] = [changedTouches[0].clientX - start.clientX, changedTouches[0].clientY - start.clientY];
  start = undefined;
  if (Math.abs(across) > 48 && Math.abs(across) > 1.5 * Math.abs(down)) step(across < 0 ? 1 : -1);
});

// Somebody comes back to the page, or loads it again.
follow(history.state);
