"""The second opinion of `just corpus`: what Pillow can read, and whether it sees the same picture in what is served."""

import hashlib
import io
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageChops, ImageCms, ImageFile, ImageOps, ImageSequence, ImageStat

FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
MOST_FRAMES = 64
XMP = "Pillow takes the orientation from XMP or from text too; browsers take it from EXIF alone, so that cutting those turns nothing"
STILL = "its animation control contradicts itself, so that browsers show the still picture, which is the same"
# What may differ, and why: a part of the path, what differs, the reason.
EXCEPTIONS = [
    ("exif_imagemagick_orientation.png", {"orientation"}, XMP),
    ("xmp_tags_orientation", {"orientation"}, XMP),
    ("apng/chunk_actl_after_idat.png", {"frames"}, STILL),
    ("apng/chunk_multi_actl.png", {"frames"}, STILL),
    ("apng/chunk_no_actl.png", {"frames"}, STILL),
    ("apng/fctl_actl.png", {"frames"}, STILL),
    ("apng/syntax_num_frames_invalid.png", {"frames"}, STILL),
    ("apng/syntax_num_frames_low.png", {"frames"}, STILL),
    ("test_extents_transparency.gif", {"size", "frames"}, "what Pillow takes for a second frame is behind an unknown block, where decoders stop"),
]
# Thumbnails that differ, and why.
THUMBS = [
    ("exif_imagemagick_orientation.png", XMP),
    ("xmp_tags_orientation", XMP),
    ("ftbbn0g04.png", "Pillow misses the transparency of 4-bit greys; libpng sees it as we do"),
    ("1_trns.png", "the transparent value is out of range: some ignore it, some don't"),
    ("hopper_bad_exif.jpg", "its data is broken; how much of it is shown differs"),
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


# Of 255, in the mean over pixels, of their brightness: WebP halves the resolution of colours.
MOST_DIFFERENCE = 8
SRGB = ImageCms.createProfile("sRGB")


def upright(path: Path) -> Image.Image | None:
    """The picture as it should look: upright, in sRGB. None for animations, whose first frame Pillow counts another way, for pictures
    that are too small to compare, and for pixels that it can't turn into 8 bits."""
    with Image.open(path) as image:
        if image.format == "GIF" or getattr(image, "is_animated", False) or min(image.size) < 16:
            return None
        profile = image.info.get("icc_profile")
        image = ImageOps.exif_transpose(image)
        if image.mode in ("I", "F", "CMYK") or image.mode.startswith("I;"):
            return None
        image = image.convert("RGBA")
        if profile:
            try:
                source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
                colours = ImageCms.profileToProfile(image.convert("RGB"), source, SRGB)
            except (ImageCms.PyCMSError, OSError):
                return image
            colours.putalpha(image.getchannel("A"))
            image = colours
        return image


def difference(source: Path, thumb: Path) -> float | None:
    """How far the thumbnail is from what Pillow makes of the source, over grey."""
    expected = upright(source)
    if expected is None:
        return None
    with Image.open(thumb) as made:
        made = made.convert("RGBA")
    if max(expected.size) <= 400 and made.size != expected.size:
        return 255.0
    # With premultiplied alpha, as transparent pixels have no colour.
    expected = expected.convert("RGBa").resize(made.size, Image.Resampling.LANCZOS).convert("RGBA")
    grey = Image.new("RGBA", made.size, (128, 128, 128, 255))
    pair = [Image.alpha_composite(grey, picture).convert("L") for picture in (expected, made)]
    return ImageStat.Stat(ImageChops.difference(*pair)).mean[0]


def compare(folder: Path) -> None:
    """Compares every served file with the one that was sent."""
    wrong, same, excepted, unread, compared = [], 0, 0, 0, 0
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
        thumb = folder / "served" / f"{served.split('.')[0]}-thumb.webp"
        far = difference(folder / "files" / source, thumb)
        compared += far is not None and far <= MOST_DIFFERENCE
        if far is not None and far > MOST_DIFFERENCE and not any(part in source for part, _ in THUMBS):
            wrong.append(f"{source}: the thumbnail differs by {far:.1f} of 255")
        names = ("size", "pixels", "frames", "profile", "orientation")
        differ = {name for name, a, b in zip(names, before, after) if a != b}
        if not differ:
            same += 1
        elif any(part in source and differ <= may for part, may, _ in EXCEPTIONS):
            excepted += 1
        else:
            wrong.append(f"{source}: {', '.join(sorted(differ))} differ")
    print(f"{same} served files show the same to Pillow, {excepted} differ for a reason that is known, {unread} it can't read whole; {compared} thumbnails look like its own")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


warnings.simplefilter("ignore")
ImageFile.LOAD_TRUNCATED_IMAGES = False
{"read": read, "compare": compare}[sys.argv[1]](Path(sys.argv[2]))
