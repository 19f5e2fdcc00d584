"""A picture as PNG, fast: on a slider's way to the eye every millisecond counts."""

import struct
import zlib

import numpy as np
from jaxtyping import UInt8

from course_utils.tree import Array


def png(rgb: UInt8[Array, "height width 3"]) -> bytes:
    """`rgb` as a PNG file (ISO/IEC 15948), its rows unfiltered and packed at zlib's fastest level.

    Pillow tries five filters on every row. That pays for photographs; on figures, which are mostly plain, leaving it
    out takes a third of the time and the file grows no larger.
    """
    height, width, _ = rgb.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with the number of its filter: 0, none
    for channel in range(3):  # one by one: NumPy copies three long rows of single bytes faster than many of three
        rows[:, 1 + channel :: 3] = rgb[..., channel]
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)  # 8 bits a channel, colour type 2: RGB
    packed = zlib.compress(rows.data, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    """One part of a PNG file: its length, kind and data, and their checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
