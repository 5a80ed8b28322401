"""What Schemathesis sends where the document says that a file goes: pictures, each of its own colour, and bytes of any kind."""
import struct
import zlib

import schemathesis
from hypothesis import strategies


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(colour):
    """A picture of one pixel."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0" + colour.to_bytes(3, "big"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


files = strategies.integers(0, 2**24 - 1).map(png) | strategies.binary(max_size=200)
schemathesis.openapi.media_type("application/octet-stream", files)
schemathesis.openapi.format("binary", files)
