"""Taking metadata out of image files without touching a pixel: places, names, thumbnails, hidden appendices.

Each function keeps only the parts a viewer needs to draw the image and drops everything else, known or not,
together with whatever follows the end of the image (phones append films and second pictures there).
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping

_JPEG_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_METADATA_FLAGS = 0x08 | 0x04
_GIF_LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")


def strip_metadata(content: bytes, mime_type: str) -> bytes | None:
    """The same picture, bit for bit, without metadata; None when the file's structure is not understood."""
    try:
        return b"".join(_PARTS[mime_type](content))
    except (IndexError, struct.error, StopIteration, ValueError):
        return None


def _jpeg_parts(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    at = 2
    while (marker := content[at + 1]) != 0xD9:
        if marker == 0xFF:
            at += 1
            continue
        end = at + 2 + struct.unpack_from(">H", content, at + 2)[0]
        if marker == 0xDA:
            end = _next_marker(content, end)
        if _keeps_jpeg(marker, content[at + 4 : end]):
            yield content[at:end]
        at = end
    yield content[at : at + 2]


def _next_marker(content: bytes, start: int) -> int:
    found = _JPEG_SCAN_END.search(content, start)
    if not found:
        raise ValueError("no marker after a scan")
    return found.start()


def _keeps_jpeg(marker: int, body: bytes) -> bool:
    if marker == 0xE0:
        return body.startswith(b"JFIF\0") and len(body) == 14
    if marker == 0xE2:
        return body.startswith(b"ICC_PROFILE\0")
    return marker == 0xEE or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _png_parts(content: bytes) -> Iterator[bytes]:
    yield content[:8]
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if kind in _PNG_KEPT:
            yield content[at:end]
        at = end


def _webp_parts(content: bytes) -> Iterator[bytes]:
    kept = b"".join(_webp_chunks(content, 8 + struct.unpack_from("<I", content, 4)[0]))
    yield b"RIFF" + struct.pack("<I", 4 + len(kept)) + b"WEBP" + kept


def _webp_chunks(content: bytes, stop: int) -> Iterator[bytes]:
    at = 12
    while at < stop:
        kind, length = struct.unpack_from("<4sI", content, at)
        end = at + 8 + length + length % 2
        if kind == b"VP8X":
            yield (
                content[at : at + 8]
                + bytes((content[at + 8] & ~_WEBP_METADATA_FLAGS,))
                + content[at + 9 : end]
            )
        elif kind in _WEBP_KEPT:
            yield content[at:end]
        at = end


def _gif_parts(content: bytes) -> Iterator[bytes]:
    at = 13 + _gif_table(content[10])
    yield content[:at]
    while (block := content[at]) != 0x3B:
        head = 10 + _gif_table(content[at + 9]) + 1 if block == 0x2C else 2
        end = _gif_data_end(content, at + head)
        if block == 0x2C or content[at + 1] == 0xF9 or content.startswith(_GIF_LOOPS, at + 2):
            yield content[at:end]
        at = end
    yield content[at : at + 1]


def _gif_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _gif_data_end(content: bytes, at: int) -> int:
    while length := content[at]:
        at += 1 + length
    return at + 1


_PARTS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {
    "image/jpeg": _jpeg_parts,
    "image/png": _png_parts,
    "image/webp": _webp_parts,
    "image/gif": _gif_parts,
}
