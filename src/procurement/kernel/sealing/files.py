"""Files into sealed parts, and the manifest that lists them."""

import hashlib
from collections.abc import Iterator

import msgspec

from procurement.kernel.canonical import sha256_hex
from procurement.kernel.sealing.manifest import Manifest, SealedFile, SealedPartHashes, manifest_bytes
from procurement.kernel.sealing.padding import padded_size
from procurement.kernel.sealing.parts import PART, Blob, seal_part


class SealedPart(msgspec.Struct, frozen=True):
    """A part ready to be stored: what the envelope says of it, what the manifest says of it, the ciphertext."""

    blob: Blob
    hashes: SealedPartHashes
    data: bytes


class FileSealer:
    """Seals one file as it streams in, holding at most one part of plaintext in memory.

        sealer = FileSealer("offer.pdf", "application/pdf", recipient)
        for chunk in upload: store(part) for part in sealer.feed(chunk)
        store(part) for part in sealer.finish();  manifest entry: sealer.entry()

    The file is padded with zero bytes to its Padmé size; the manifest keeps its true size.
    """

    def __init__(self, name: str, media_type: str, recipient: str, confidential: str = "") -> None:
        self.name, self.media_type, self.recipient, self.confidential = name, media_type, recipient, confidential
        self.size = 0
        self._waiting = bytearray()
        self._hashes: list[SealedPartHashes] = []

    def feed(self, chunk: bytes) -> Iterator[SealedPart]:
        """Take the next bytes of the file; yields each part that is full."""
        self.size += len(chunk)
        self._waiting += chunk
        yield from self._full_parts()

    def finish(self) -> Iterator[SealedPart]:
        """The file is complete: yields the remaining parts, padding included. An empty file is one empty part."""
        missing = padded_size(self.size) - self.size
        while missing:
            step = min(missing, PART)
            self._waiting += bytes(step)
            missing -= step
            yield from self._full_parts()
        if self._waiting or not self._hashes:
            yield self._seal(len(self._waiting))

    def entry(self) -> SealedFile:
        """What the manifest says of the file, once `finish` is exhausted."""
        return SealedFile(
            name=self.name,
            media_type=self.media_type,
            size=self.size,
            parts=tuple(self._hashes),
            confidential=self.confidential,
        )

    def _full_parts(self) -> Iterator[SealedPart]:
        while len(self._waiting) >= PART:
            yield self._seal(PART)

    def _seal(self, size: int) -> SealedPart:
        plain = bytes(self._waiting[:size])
        del self._waiting[:size]
        part = _sealed(plain, self.recipient)
        self._hashes.append(part.hashes)
        return part


def seal_manifest(manifest: Manifest, recipient: str) -> SealedPart:
    """The manifest as the envelope's first part, padded with the spaces that JSON allows after a value."""
    data = manifest_bytes(manifest)
    return _sealed(data.ljust(padded_size(len(data))), recipient)


def _sealed(plain: bytes, recipient: str) -> SealedPart:
    data = seal_part(plain, recipient)
    cipher = sha256_hex(data)
    hashes = SealedPartHashes(sha256_plain=hashlib.sha256(plain).hexdigest(), sha256_cipher=cipher)
    return SealedPart(Blob(cipher, len(data)), hashes, data)
