"""The child: reads one job and its sealed parts from standard input, writes frames to standard output.

Whatever is wrong with the bid ends here, as one R frame or as the death of this process.
"""

import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from procurement.kernel.canonical import sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Blob,
    Manifest,
    SealedFile,
    age,
    check_binding,
    check_blobs,
    padded_size,
    parse_manifest,
    parse_prices,
    recipient_of,
)
from procurement.kernel.sealing.parts import PART
from procurement.kernel.sealing.prices import LIMIT as PRICES_LIMIT
from procurement.opening.unseal.frames import HEAD, JOB_LIMIT, Contents, Job, Named, No

MEMORY = 1 << 30  # bytes of address space
SECONDS = 60  # of processor time, and one more for each part


def main() -> None:
    _give_up_everything()
    given, out = sys.stdin.buffer, sys.stdout.buffer
    job = msgspec.json.decode(given.readline(JOB_LIMIT), type=Job)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + len(job.blobs),) * 2)
    try:
        contents = _open(job, given, out)
    except Refused as no:
        _frame(out, b"R", msgspec.json.encode(No(no.code, no.detail)))
    else:
        _frame(out, b"E", msgspec.json.encode(contents))
    out.flush()


def _give_up_everything() -> None:
    """No file may be written, few opened, no process started, no memory image left behind."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 8),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _open(job: Job, given: BinaryIO, out: BinaryIO) -> Contents:
    if recipient_of(job.identity) != job.recipient:
        raise Refused("identity-differs", "The identity is not the one this bid was sealed to.")
    parts = _parts(job, given)
    manifest = parse_manifest(age.decrypt(next(parts), job.identity))
    check_binding(
        manifest, tender=job.tender, revision=job.revision, kind=job.kind, round=job.round, supplier=job.supplier,
        version=job.version,
    )  # fmt: skip
    check_blobs(manifest, job.blobs)
    priced, *documents = manifest.files
    prices = parse_prices(_small(job, priced, parts), job.currency, frozenset(job.lots), frozenset(job.items))
    _must_price_its_lots(manifest, {lot.lot for lot in prices.lots})
    for document in documents:
        _frame(out, b"F", b"")
        for piece in _plain(job, document, parts):
            _frame(out, b"D", piece)
    named = [Named(name=d.name, media_type=d.media_type, size=d.size, confidential=d.confidential) for d in documents]
    return Contents(prices=prices, documents=tuple(named))


def _parts(job: Job, given: BinaryIO) -> Iterator[bytes]:
    """The sealed parts in their order, each as the envelope names it."""
    for blob in job.blobs:
        data = given.read(blob.size)
        if Blob(sha256_hex(data), len(data)) != blob:
            raise Refused("part-differs", "A sealed part is not the one that the envelope names.")
        yield data


def _small(job: Job, file: SealedFile, parts: Iterator[bytes]) -> bytes:
    if file.size > PRICES_LIMIT:
        raise Refused("prices-malformed", "prices.json is too large.")
    return b"".join(_plain(job, file, parts))


def _plain(job: Job, file: SealedFile, parts: Iterator[bytes]) -> Iterator[bytes]:
    """The file's bytes without their padding. Refused("file-differs") unless everything is as the manifest says."""
    padded = padded_size(file.size)
    if len(file.parts) != max(1, -(-padded // PART)):
        raise Refused("file-differs", f"{file.name} does not have as many parts as its size needs.")
    left, padding = file.size, padded - file.size
    for part, data in zip(file.parts, parts, strict=False):
        plain = age.decrypt(data, job.identity)
        if sha256_hex(plain) != part.sha256_plain or len(plain) != min(PART, left + padding):
            raise Refused("file-differs", f"{file.name} is not what the manifest says.")
        kept, filling = plain[:left], plain[left:]
        if filling.strip(b"\0"):
            raise Refused("file-differs", f"Something is hidden in the padding of {file.name}.")
        left, padding = left - len(kept), padding - len(filling)
        if kept:
            yield kept


def _must_price_its_lots(manifest: Manifest, priced: set[str]) -> None:
    if set(manifest.lots) != priced:
        raise Refused("prices-malformed", "The lots that are priced are not those that are bid for.")


def _frame(out: BinaryIO, kind: bytes, content: bytes) -> None:
    out.write(HEAD.pack(kind, len(content)))
    out.write(content)


if __name__ == "__main__":
    main()
