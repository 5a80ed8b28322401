"""Pictures of every kind of colour, for `tests/colours`: the same chart and the same photograph, said in many ways."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageCms

FIXTURES = Path(__file__).parent.parent / "crates/imaging/fixtures"
SIZE = (600, 400)
# As ICC wants them, adapted to D50: red, green and blue as X, Y and Z.
SRGB = ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
PROPHOTO = ((0.7977, 0.2880, 0.0000), (0.1352, 0.7119, 0.0000), (0.0313, 0.0001, 0.8249))
BT2020 = ((0.6734, 0.2790, -0.0019), (0.1657, 0.6754, 0.0300), (0.1251, 0.0456, 0.7969))
# White, red, green, blue in 100,000ths, as cHRM has them.
CHRM = {
    "srgb": (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
    "p3": (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
    "adobe": (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000),
    "warm-white": (34570, 35850, 64000, 33000, 30000, 60000, 15000, 6000),
    "nonsense": (31270, 32900, 0, 0, 0, 0, 0, 0),
}


def chart() -> Image.Image:
    """Greys above, hues of falling saturation in the middle, dark to light below."""
    image = Image.new("HSV", SIZE)
    width, height = SIZE
    at = image.load()
    for y in range(height):
        for x in range(width):
            if y < height // 4:
                at[x, y] = (0, 0, x * 255 // (width - 1))
            elif y < height * 5 // 8:
                at[x, y] = (x * 255 // width, 255 - (y - height // 4) * 255 // (height * 3 // 8), 255)
            else:
                at[x, y] = (x * 255 // width, 200, (y - height * 5 // 8) * 255 // (height * 3 // 8))
    return image.convert("RGB")


def tag(kind: bytes, data: bytes) -> bytes:
    data = kind + bytes(4) + data
    return data + bytes(-len(data) % 4)


def fixed(number: float) -> bytes:
    return struct.pack(">i", round(number * 65536))


def curve(gamma: float | None) -> bytes:
    """A power, or the curve of sRGB."""
    if gamma is None:
        return tag(b"para", b"\0\3\0\0" + b"".join(map(fixed, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))))
    return tag(b"para", b"\0\0\0\0" + fixed(gamma))


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile, version 4."""
    tags = {b"desc": tag(b"mluc", struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", 2, 28) + b"\0x"), b"wtpt": xyz((0.9642, 1, 0.8249)), **tags}
    table, body, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0\0\0\0", 0x04300000, b"mntr", space, b"XYZ ") + bytes(12) + b"acsp" + bytes(28) + b"".join(map(fixed, (0.9642, 1, 0.8249)))
    return head + bytes(128 - len(head)) + table + body


def xyz(point: tuple) -> bytes:
    return tag(b"XYZ ", b"".join(map(fixed, point)))


def rgb_profile(colorants: tuple, gamma: float | None) -> bytes:
    tags = {name: xyz(point) for name, point in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants)}
    return profile(b"RGB ", {**tags, **{name: curve(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")}})


def grey_profile(gamma: float | None) -> bytes:
    return profile(b"GRAY", {b"kTRC": curve(gamma)})


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(image: Image.Image, *chunks: bytes, deep: bool = False) -> bytes:
    """With these chunks before the pixels, of 8 or 16 bits."""
    kind, width = {"L": (0, 1), "LA": (4, 2), "RGB": (2, 3), "RGBA": (6, 4), "P": (3, 1)}[image.mode], image.size[0]
    data, step = image.tobytes(), kind[1] * width
    if deep:
        # A value and what is between it and the next one.
        data, step = bytes(part for at, byte in enumerate(data) for part in (byte, at * 37 % 256 if 0 < byte < 255 else byte)), 2 * step
    rows = b"".join(b"\0" + data[at : at + step] for at in range(0, len(data), step))
    head = struct.pack(">IIBBBBB", *image.size, 16 if deep else 8, kind[0], 0, 0, 0)
    plte = chunk(b"PLTE", bytes(image.getpalette())) if image.mode == "P" else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + plte + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")


def gama(value: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value))


def chrm(name: str) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *CHRM[name]))


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    return chunk(b"cICP", bytes((primaries, transfer, matrix, full)))


def iccp(data: bytes) -> bytes:
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(data))


def pngs(image: Image.Image) -> dict[str, bytes]:
    grey, clear = image.convert("L"), image.copy()
    clear.putalpha(grey)
    both = grey.copy()
    both = Image.merge("LA", (grey, grey.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    table = image.quantize(64)
    srgb = chunk(b"sRGB", b"\0")
    out = {
        "plain": png(image),
        "deep": png(image, deep=True),
        "deep-alpha": png(clear, deep=True),
        "deep-grey": png(grey, deep=True),
        "table-gama1": png(table, gama(100000)),
        "srgb-gama1": png(image, srgb, gama(100000)),
        "gama45455-grey": png(grey, gama(45455)),
        "gama1-grey": png(grey, gama(100000)),
        "gama1-grey-alpha": png(both, gama(100000)),
        "gama1-alpha": png(clear, gama(100000)),
        "gama1-deep": png(image, gama(100000), deep=True),
        "gama1-deep-grey": png(grey, gama(100000), deep=True),
        "iccp-over-gama1": png(image, gama(100000), iccp(rgb_profile(SRGB, None))),
        "iccp-over-srgb": png(image, srgb, iccp(rgb_profile(P3, None))),
        "cicp-over-iccp": png(image, cicp(12, 13), iccp(rgb_profile(SRGB, 1.0))),
        "iccp-broken": png(image, iccp(b"nothing of the kind"), gama(100000)),
        "iccp-grey-of-colours": png(image, iccp(grey_profile(1.0))),
        "iccp-colours-of-grey": png(grey, iccp(rgb_profile(P3, 1.8))),
        "iccp-grey-alpha": png(both, iccp(grey_profile(1.0))),
        "iccp-grey-deep": png(grey, iccp(grey_profile(1.8)), deep=True),
        "iccp-prophoto-deep": png(image, iccp(rgb_profile(PROPHOTO, 1.8)), deep=True),
        "iccp-p3-alpha": png(clear, iccp(rgb_profile(P3, None))),
        "cicp-p3-alpha": png(clear, cicp(12, 13)),
        "cicp-p3-grey": png(grey, cicp(12, 13)),
        "cicp-pq-grey": png(grey, cicp(9, 16)),
        "cicp-pq-deep": png(image, cicp(9, 16), deep=True),
        "cicp-hlg-deep": png(image, cicp(9, 18), deep=True),
        "cicp-narrow": png(image, cicp(12, 13, full=0)),
        "cicp-matrix": png(image, cicp(12, 13, matrix=1)),
        "cicp-unknown": png(image, cicp(2, 2), gama(100000)),
    }
    out |= {f"gama{value}": png(image, gama(value)) for value in (45455, 50000, 55556, 100000, 30000, 200000)}
    out |= {f"chrm-{name}": png(image, chrm(name)) for name in CHRM}
    out |= {f"chrm-{name}-gama55556": png(image, gama(55556), chrm(name)) for name in CHRM}
    kinds = [(12, 13), (1, 13), (9, 13), (11, 13), (12, 16), (9, 16), (1, 16), (12, 18), (9, 18), (1, 18), (1, 8), (12, 8), (1, 4), (1, 5)]
    kinds += [(1, 1), (9, 1), (9, 14), (9, 15), (5, 6), (6, 6), (7, 7), (22, 13), (4, 4), (8, 13), (10, 8), (1, 9), (1, 10), (1, 11), (1, 12), (1, 17)]
    out |= {f"cicp-{primaries}-{transfer}": png(image, cicp(primaries, transfer)) for primaries, transfer in kinds}
    for gamma in (1.0, 1.8, 2.2, None):
        out[f"iccp-grey-{gamma or 'srgb'}"] = png(grey, iccp(grey_profile(gamma)))
    return out


def jpegs(image: Image.Image) -> dict[str, bytes]:
    grey, inks = image.convert("L"), image.convert("CMYK")
    kinds = {"srgb": (SRGB, None), "p3": (P3, None), "adobe": (ADOBE, 2.2), "prophoto": (PROPHOTO, 1.8), "bt2020": (BT2020, 2.4)}
    out = {f"icc-{name}": saved(image, "JPEG", rgb_profile(*kind)) for name, kind in kinds.items()}
    out |= {f"icc-grey-{gamma or 'srgb'}": saved(grey, "JPEG", grey_profile(gamma)) for gamma in (1.0, 1.8, 2.2, None)}
    out |= {
        "icc-grey-of-colours": saved(image, "JPEG", grey_profile(1.0)),
        "icc-colours-of-grey": saved(grey, "JPEG", rgb_profile(P3, 1.8)),
        "icc-broken": saved(image, "JPEG", b"nothing of the kind"),
        "inks": saved(inks, "JPEG"),
        "inks-with-rgb-profile": saved(inks, "JPEG", rgb_profile(P3, None)),
    }
    for path in sorted(Path("/usr/share/color/icc/ghostscript").glob("*cmyk*.icc")) + sorted(Path("/usr/share/color/icc").glob("*CMYK*.icc")):
        out[f"inks-{path.stem}"] = saved(inked(image, path), "JPEG", path.read_bytes())
    for path in sorted(Path("/usr/share/color/icc/colord").glob("*RGB*.icc")):
        out[f"icc-{path.stem}"] = saved(image, "JPEG", path.read_bytes())
    return out


def inked(image: Image.Image, path: Path) -> Image.Image:
    """In the inks that a profile describes."""
    transform = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), str(path), "RGB", "CMYK")
    # Not `ImageCms.applyTransform`, which wants to write the profile anew, and can't where it is an old one.
    inks = Image.new("CMYK", image.size)
    transform.transform.apply(image.getim(), inks.getim())
    return inks


def saved(image: Image.Image, form: str, icc: bytes | None = None, **more) -> bytes:
    out = io.BytesIO()
    image.save(out, form, icc_profile=icc, quality=92, **more)
    return out.getvalue()


def make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    photo = Image.open(FIXTURES / "landscape.jpg").convert("RGB")
    for name, image in (("chart", chart()), ("photo", photo)):
        made = {f"{kind}.png": data for kind, data in pngs(image).items()} | {f"{kind}.jpg": data for kind, data in jpegs(image).items()}
        made["p3.webp"] = saved(image, "WEBP", rgb_profile(P3, None))
        made["p3-lossless.webp"] = saved(image, "WEBP", rgb_profile(P3, None), lossless=True)
        # Large enough to be decoded at a half, and at an eighth.
        for width in (4000, 4800):
            large = image.resize((width, width * 2 // 3))
            made |= {f"large-p3-{width}.jpg": saved(large, "JPEG", rgb_profile(P3, None)), f"large-inks-{width}.jpg": saved(large.convert("CMYK"), "JPEG")}
        for kind, data in made.items():
            (folder / f"{name}-{kind}").write_bytes(data)
