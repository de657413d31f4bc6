"""A search for a secret in files, in every spelling that a leak may take.

PostgreSQL compresses long values in a way of its own that no scanner reads: a dump of each table is searched too.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

STREAMS = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")  # how gzip and zlib begin
EITHER = 32 + zlib.MAX_WBITS  # zlib finds out itself which of the two
CHUNK = 4096  # bytes fed to it at once, so that what comes before a broken place is not lost
NOTHING = bytes(64)  # no spelling holds as many zeros in a row; most of what a database keeps is longer runs of them
LONGEST = 64 << 20  # bytes that one stream may grow to
DEPTH = 2  # a stream inside a stream is opened, not one inside that

Found = set[tuple[str, str, str]]
"""(the secret's name, where, how it was spelled)"""


def spellings(secret: str) -> dict[str, bytes]:
    """The secret as it is, wide, in hex, and in base64 at each of its three places."""
    plain = secret.encode()
    return {
        "plain": plain,
        "utf-16-le": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        **{f"base64+{shift}": based(plain, shift) for shift in range(3)},
        **{f"base64url+{shift}": based(plain, shift).translate(URL) for shift in range(3)},
    }


URL = bytes.maketrans(b"+/", b"-_")


def based(plain: bytes, shift: int) -> bytes:
    """The characters of base64 that the secret alone decides when `shift` bytes of a group come before it."""
    encoded = base64.b64encode(bytes(shift) + plain)
    return encoded[-(-shift * 8 // 6) : (shift + len(plain)) * 8 // 6]


def scan(places: Mapping[str, Iterable[Path]], secrets: Mapping[str, str]) -> Found:
    """Search all files of all places for all secrets. Of files with the same content one is searched."""
    wanted = [(name, how, form) for name, text in secrets.items() for how, form in spellings(text).items()]
    found: Found = set()
    known: dict[bytes, list[tuple[str, str]]] = {}
    for place, files in places.items():
        for file in files:
            try:
                content = file.read_bytes()
            except (FileNotFoundError, PermissionError):  # gone meanwhile, or somebody else's
                continue
            if (same := hashlib.sha256(content).digest()) not in known:
                known[same] = [hit for layer, data in _layers(content) for hit in _hits(layer, dense(data), wanted)]
            found |= {(name, place, how) for name, how in known[same]}
    return found


def _hits(layer: str, data: bytes, wanted: list[tuple[str, str, bytes]]) -> list[tuple[str, str]]:
    return [(name, layer + how) for name, how, form in wanted if form in data]


def dense(data: bytes) -> bytes:
    """The same with each long run of zeros cut short: it stays between what it parts."""
    return NOTHING.join(filter(None, data.split(NOTHING)))


def files_of(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def _layers(content: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The content itself, then what is compressed in it."""
    yield "zip:" * depth, content
    if depth < DEPTH:
        for magic in STREAMS:
            at = content.find(magic)
            while at >= 0:
                if inner := _inflated(content, at):
                    yield from _layers(inner, depth + 1)
                at = content.find(magic, at + 1)


def _inflated(content: bytes, at: int) -> bytes:
    stream, out = zlib.decompressobj(EITHER), bytearray()
    try:
        for start in range(at, len(content), CHUNK):
            out += stream.decompress(content[start : start + CHUNK])
            if stream.eof or len(out) > LONGEST:
                break
    except zlib.error:
        pass
    return bytes(out)
