"""The second opinion of `just corpus`: what Pillow can read, and whether it sees the same picture in what is served."""

import hashlib
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageFile, ImageSequence

FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
MOST_FRAMES = 64
XMP = "Pillow takes the orientation from XMP or from text too; browsers take it from EXIF alone, so that cutting those turns nothing"
STILL = "its animation control contradicts itself, so that browsers show the still picture, which is the same"
# What may differ, and why: a part of the path, what differs, the reason.
EXCEPTIONS = [
    ("exif_imagemagick_orientation.png", {"orientation"}, XMP),
    ("xmp_tags_orientation", {"orientation"}, XMP),
    ("hopper_orientation_", {"orientation"}, "browsers don't turn WebP"),
    ("libpng1.6/pngtest.png", {"orientation"}, "browsers don't look for an orientation behind the pixels"),
    ("bug143608-comment.jpg", {"orientation"}, "it is not of the type that browsers read"),
    ("bug725582-testrotate.jpg", {"orientation"}, "it is not of the type that browsers read"),
    ("apng/chunk_actl_after_idat.png", {"frames"}, STILL),
    ("apng/chunk_multi_actl.png", {"frames"}, STILL),
    ("apng/chunk_no_actl.png", {"frames"}, STILL),
    ("apng/fctl_actl.png", {"frames"}, STILL),
    ("apng/syntax_num_frames_invalid.png", {"frames"}, STILL),
    ("apng/syntax_num_frames_low.png", {"frames"}, STILL),
    ("test_extents_transparency.gif", {"size", "frames"}, "what Pillow takes for a second frame is behind an unknown block, where decoders stop"),
]

def read(folder: Path) -> None:
    """Writes expected.tsv: path, format (or `-`), width, height, frames, for every file that Pillow opens and loads."""
    Image.MAX_IMAGE_PIXELS = 50_000_000
    with open(folder / "expected.tsv", "w", encoding="utf-8") as out:
        for path in sorted(p for p in (folder / "files").rglob("*") if p.is_file()):
            try:
                with Image.open(path) as image:
                    image.load()
                    form, frames = FORMATS.get(image.format, "other"), getattr(image, "n_frames", 1)
                    width, height = image.size
            except Exception as error:  # whatever a decoder throws, it can't read it
                form, width, height, frames = "-", 0, 0, 0
                del error
            print(path.relative_to(folder / "files"), form, width, height, frames, sep="\t", file=out)


def digest(path: Path) -> tuple:
    """What has to be the same: size, pixels of the first frame, all frames with their times, colour profile, orientation."""
    with Image.open(path) as image:
        moving = FORMATS[image.format] != "jpeg"
        profile, orientation = image.info.get("icc_profile"), image.getexif().get(0x0112, 1)
        size, pixels, frames = image.size, None, []
        for frame in ImageSequence.Iterator(image):
            seen = hashlib.sha256(frame.convert("RGBA").tobytes()).digest()
            pixels = pixels or seen
            frames.append((frame.size, frame.info.get("duration"), seen))
            if not moving or len(frames) == MOST_FRAMES:
                break
        return size, pixels, frames, profile, orientation if orientation in range(1, 9) else 1


def compare(folder: Path) -> None:
    """Compares every served file with the one that was sent. How renditions look, and colours by their profiles, `tests/colours` compares
    with what a browser shows."""
    wrong, same, excepted, unread = [], 0, 0, 0
    verdicts = (line.split("\t") for line in (folder / "native.tsv").read_text(encoding="utf-8").splitlines())
    cut = {path for path, verdict in verdicts if "ColourProfile" in verdict}
    for line in (folder / "served.tsv").read_text(encoding="utf-8").splitlines():
        source, served = line.split("\t")
        try:
            before = digest(folder / "files" / source)
        except Exception:
            unread += 1
            continue
        try:
            after = digest(folder / "served" / served)
        except Exception as error:
            wrong.append(f"{source}: Pillow can't read what is served: {error}")
            continue
        names = ("size", "pixels", "frames", "profile", "orientation")
        differ = {name for name, a, b in zip(names, before, after) if a != b}
        if str(folder / "files" / source) in cut:
            differ.discard("profile")
        if not differ:
            same += 1
        elif any(part in source and differ <= may for part, may, _ in EXCEPTIONS):
            excepted += 1
        else:
            wrong.append(f"{source}: {', '.join(sorted(differ))} differ")
    print(f"{same} served files show the same to Pillow, {excepted} differ for a reason that is known, {unread} it can't read whole")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


warnings.simplefilter("ignore")
ImageFile.LOAD_TRUNCATED_IMAGES = False
{"read": read, "compare": compare}[sys.argv[1]](Path(sys.argv[2]))
