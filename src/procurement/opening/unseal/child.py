"""The child: confines itself, then reads one job and its sealed parts from standard input, and writes frames to
standard output. Its only argument is the number of those parts.

Whatever is wrong with the bid ends here, as one R frame or as the death of this process.
"""

import os
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age, check_binding, check_blobs, parse_manifest, parse_prices, recipient_of
from procurement.kernel.sealing.reading import (
    must_be_the_part,
    must_bid_for_lots,
    must_price_its_lots,
    plain_bytes,
    price_list_bytes,
)
from procurement.opening.unseal.confine import confine
from procurement.opening.unseal.frames import FRAMES, HEAD, JOB_LIMIT, Contents, Job, Named, No, Ready

MEMORY = 1 << 30  # bytes of address space
SECONDS = 60  # of processor time, and one more for each part
GRACE = 5  # seconds between the signal that says so, which tells whose fault it is, and the end that any process meets


def main() -> None:
    given, out = sys.stdin.buffer, sys.stdout.buffer
    _limit(int(sys.argv[1]))
    _frame(out, b"C", msgspec.json.encode(Ready(frames=FRAMES, confinement=confine())))
    out.flush()
    job = msgspec.json.decode(given.readline(JOB_LIMIT), type=Job)
    try:
        contents = _open(job, given, out)
    except Refused as no:
        _frame(out, b"R", msgspec.json.encode(No(no.code, no.detail)))
    else:
        _frame(out, b"E", msgspec.json.encode(contents))
    out.flush()


def _limit(parts: int) -> None:
    """Anywhere: no file may be written, few opened, no memory image left behind; nor a process started, but by root.
    What was open before this is closed: not every loop of events does it."""
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 8),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + parts, SECONDS + parts + GRACE))


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
    prices, documents = None, list(manifest.files)
    if manifest.kind == "technical":
        must_bid_for_lots(manifest, job.lots)
    else:
        priced, *documents = manifest.files
        listed = price_list_bytes(priced, parts, job.identity)
        prices = parse_prices(listed, job.currency, frozenset(job.lots), frozenset(job.items))
        must_price_its_lots(manifest, prices)
    for document in documents:
        _frame(out, b"F", b"")
        for piece in plain_bytes(document, parts, job.identity):
            _frame(out, b"D", piece)
    named = [Named(name=d.name, media_type=d.media_type, size=d.size, confidential=d.confidential) for d in documents]
    return Contents(prices=prices, documents=tuple(named))


def _parts(job: Job, given: BinaryIO) -> Iterator[bytes]:
    """The sealed parts in their order, each as the envelope names it."""
    return (must_be_the_part(blob, given.read(blob.size)) for blob in job.blobs)


def _frame(out: BinaryIO, kind: bytes, content: bytes) -> None:
    out.write(HEAD.pack(kind, len(content)))
    out.write(content)


if __name__ == "__main__":
    main()
