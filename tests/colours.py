"""What `tests/colours` measures: how far thumbnails and previews are from what Chromium shows of their originals."""

import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from urllib.parse import parse_qs, urlsplit

from PIL import Image, ImageChops, ImageStat

import colours_make

# Of 255, in the mean over red, green and blue.
AIM, MOST, SHARE = 6, 12, 0.95
# Pixels of the shorter side.
LEAST = 32
# What may differ, and why: a part of the path, the reason.
EXCEPTIONS = [
    ("cicp-10-8.png", "the primaries are X, Y and Z themselves, which nobody writes; it is shown as if it said nothing"),
    ("inks-ps_cmyk.jpg", "its profile connects by XYZ in 16 bits, of which Chromium takes half, so that paper is grey"),
    ("images/apng/", "where an animation contradicts itself, the still picture is kept, as PNG wants it; Chromium plays what it can"),
    ("issue_2811.gif", "Chromium draws nothing of its only frame; Pillow does"),
    ("max-codes.gif", "its table of codes is full, where Chromium gives up; Pillow goes on"),
    ("hopper_bad_exif.jpg", "its data is broken; how much of it is shown differs"),
    ("bug74435.gif", "two of its rows have data; whether the rest is black or nothing differs"),
    ("unitialized_memory_read.gif", "the same file under another name"),
    ("test/gdtest", "dithered in few colours, of which pixels lose half the resolution: any lossy WebP differs as much"),
    ("bitmap_font_stroke", "small letters, each of other colours, lose half of their colours' resolution"),
]
# Draws what it is told to, as large as it is, and sends the pixels back.
PAGE = b"""<!doctype html><script>
(async () => {
  for (;;) {
    const next = await (await fetch('/next')).json();
    if (!next) break;
    let body = new Uint8Array(), size = '';
    try {
      const image = new Image();
      image.src = '/file?' + next.id;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext('2d', {colorSpace: next.space, willReadFrequently: true});
      context.drawImage(image, 0, 0);
      body = context.getImageData(0, 0, canvas.width, canvas.height).data;
      size = canvas.width + 'x' + canvas.height;
    } catch (error) { size = ''; }
    await fetch('/pixels?id=' + next.id + '&size=' + size, {method: 'POST', body});
  }
})();
</script>"""
FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run --force-color-profile=srgb".split()


class Browser:
    """Chromium with one page, which asks a server on loopback what to draw."""

    def __init__(self) -> None:
        self.wanted, self.drawn, self.files = Queue(), Queue(), {}
        browser = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path == "/next":
                    ident, space = browser.wanted.get()
                    self.answer(b'{"id": "%d", "space": "%s"}' % (ident, space.encode()))
                elif url.path == "/file":
                    self.answer(browser.files[int(url.query)].read_bytes(), "application/octet-stream")
                else:
                    self.answer(PAGE, "text/html")

            def do_POST(self) -> None:
                size, body = parse_qs(urlsplit(self.path).query).get("size", [""])[0], self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(b"{}")
                sides = tuple(map(int, size.split("x"))) if size else None
                browser.drawn.put(Image.frombytes("RGBA", sides, body) if sides else None)

            def answer(self, body: bytes, kind: str = "application/json") -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.home = tempfile.mkdtemp()
        command = ["chromium", *FLAGS, f"--user-data-dir={self.home}", f"http://127.0.0.1:{self.server.server_port}/"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def draw(self, path: Path, space: str = "srgb") -> Image.Image | None:
        """What it shows of the file. None: nothing."""
        ident = len(self.files)
        self.files[ident] = path
        self.wanted.put((ident, space))
        return self.drawn.get(timeout=120)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
        self.server.shutdown()
        shutil.rmtree(self.home, ignore_errors=True)


def difference(expected: Image.Image, made: Image.Image) -> float:
    """In the mean, over grey, at the size of what was made."""
    # With premultiplied alpha, as transparent pixels have no colour.
    expected = expected.convert("RGBa").resize(made.size, Image.Resampling.LANCZOS).convert("RGBA")
    grey = Image.new("RGBA", made.size, (128, 128, 128, 255))
    pair = [Image.alpha_composite(grey, picture).convert("RGB") for picture in (expected, made)]
    means = ImageStat.Stat(ImageChops.difference(*pair)).mean
    return sum(means) / len(means)


def measure(folder: Path) -> tuple[list, list, int]:
    """Of every file the distances of thumbnail and preview, each with the name, and how many files Chromium does not show."""
    browser, thumbs, previews, unseen = Browser(), [], [], 0
    try:
        for line in (folder / "made/index.tsv").read_text(encoding="utf-8").splitlines():
            name, number = line.split("\t")
            if not number.isdigit():
                continue
            source, thumb, preview = folder / "files" / name, *(folder / f"made/{number}-{kind}.webp" for kind in ("thumb", "preview"))
            shown = browser.draw(source)
            unseen += shown is None
            # Lossy compression alone makes more of a difference to pictures of a few blocks.
            if shown is None or min(shown.size) < LEAST:
                continue
            small, large = thumb.read_bytes(), preview.read_bytes()
            thumbs.append((difference(shown, browser.draw(thumb)), name))
            if b"ICCP" in large[:64]:
                previews.append((difference(browser.draw(source, "display-p3"), browser.draw(preview, "display-p3")), name))
            else:
                previews.append((difference(shown, browser.draw(preview)) if large != small else thumbs[-1][0], name))
    finally:
        browser.close()
    return thumbs, previews, unseen


def compare(folder: Path) -> None:
    """Every thumbnail in sRGB; a preview with a profile as a screen with the colours of Display P3 shows it."""
    thumbs, previews, unseen = measure(folder)
    print(f"{unseen} files are published, and not shown by Chromium")
    fails = []
    for kind, found in (("thumbnails", thumbs), ("previews", previews)):
        found.sort(reverse=True)
        near = sum(far <= AIM for far, _ in found)
        print(f"{near} of {len(found)} {kind} ({100 * near / max(len(found), 1):.1f} %) differ by at most {AIM} of 255 from what Chromium shows; the most:")
        for far, name in [entry for entry in found if entry[0] > AIM] or found[:3]:
            reason = next((reason for part, reason in EXCEPTIONS if part in name), None)
            print(f"{far:7.1f}  {name}{f': known, {reason}' if reason else ''}")
            if far > MOST and not reason:
                fails.append(f"{name}: its {kind[:-1]} differs by {far:.1f}")
        if near < SHARE * len(found):
            fails.append(f"fewer than {100 * SHARE:.0f} % of the {kind} are near")
    print("\n".join(fails))
    sys.exit(bool(fails))


if __name__ == "__main__":
    {"make": lambda folder: colours_make.make(folder), "compare": compare}[sys.argv[1]](Path(sys.argv[2]))
