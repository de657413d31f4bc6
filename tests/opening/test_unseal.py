"""The child that decrypts one bid: it tells what is inside or why not, and can do nothing else."""

import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from procurement.infra.files import Files
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    FileSealer,
    LotTotal,
    Manifest,
    Prices,
    SealedFile,
    SealedPart,
    new_identity,
    prices_bytes,
    seal_manifest,
)
from procurement.opening.unseal import parent
from procurement.opening.unseal.frames import JOB_LIMIT, Job
from procurement.opening.unseal.parent import ChildDied, unseal

pytestmark = pytest.mark.anyio

IDENTITY, RECIPIENT = new_identity()
PRICES = prices_bytes(Prices(currency="EUR", items=(), lots=(LotTotal(lot="1", total="12.50"),)))
REVISION = "a" * 64
Change = Callable[[Manifest], Manifest]


class Sealed:
    """A bid as the store holds it, and the job that opens it."""

    def __init__(self, files: dict[str, bytes] | None = None, change: Change = lambda manifest: manifest) -> None:
        entries: list[SealedFile] = []
        parts: list[SealedPart] = []
        for name, data in {"prices.json": PRICES, **(files or {})}.items():
            sealer = FileSealer(name, "text/plain", RECIPIENT)
            parts += [*sealer.feed(data), *sealer.finish()]
            entries.append(sealer.entry())
        manifest = Manifest(
            tender="t", revision=REVISION, lots=("1",), supplier="s", version=1, nonce="b" * 64, files=tuple(entries)
        )
        self.parts = [seal_manifest(change(manifest), RECIPIENT), *parts]
        self.held = {part.blob.sha256: part.data for part in self.parts}

    def job(self, **changes: object) -> Job:
        job = Job(
            identity=IDENTITY, recipient=RECIPIENT, blobs=tuple(part.blob for part in self.parts), tender="t",
            revision=REVISION, kind="single", round=1, supplier="s", version=1, currency="EUR", lots=("1", "2"),
            items=(),
        )  # fmt: skip
        return msgspec.structs.replace(job, **changes)

    async def stream(self, sha256: str) -> AsyncIterator[bytes]:
        for start in range(0, len(data := self.held[sha256]), 300_000):
            yield data[start : start + 300_000]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files.connect("", tmp_path)


async def refusal(files: Files, sealed: Sealed, **changes: object) -> str:
    with pytest.raises(Refused) as no:
        await unseal(sealed.job(**changes), sealed.stream, files)
    return no.value.code


async def test_documents_arrive_byte_for_byte_without_their_padding(files: Files) -> None:
    given = {"empty.txt": b"", "small.txt": b"\0asphalt\0\0", "large.bin": b"0123456789abcdef" * 1_200_000}
    sealed = Sealed(given)
    contents, stored = await unseal(sealed.job(), sealed.stream, files)
    assert prices_bytes(contents.prices) == PRICES
    assert [document.name for document in contents.documents] == list(given)
    assert [(one.sha256, one.size) for one in stored] == [(sha256_hex(d), len(d)) for d in given.values()]


@pytest.mark.parametrize(
    "change",
    [{"tender": "other"}, {"revision": "c" * 64}, {"supplier": "other"}, {"version": 2}, {"round": 2},
     {"kind": "technical"}],
)  # fmt: skip
async def test_a_bid_sealed_as_another_is_refused(files: Files, change: dict[str, object]) -> None:
    assert await refusal(files, Sealed(), **change) == "bid-misplaced"


async def test_the_wrong_identity_is_refused(files: Files) -> None:
    other, recipient = new_identity()
    assert await refusal(files, Sealed(), identity=other) == "identity-differs"
    assert await refusal(files, Sealed(), identity=other, recipient=recipient) == "seal-broken"


async def test_prices_in_another_currency_or_for_lots_that_are_not_there_are_refused(files: Files) -> None:
    assert await refusal(files, Sealed(), currency="USD") == "prices-malformed"
    assert await refusal(files, Sealed(), lots=("2",)) == "prices-malformed"


def _first(manifest: Manifest, **changes: object) -> Manifest:
    file, *others = manifest.files
    return msgspec.structs.replace(manifest, files=(msgspec.structs.replace(file, **changes), *others))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda m: _first(m, size=len(PRICES) - 1), "file-differs"),
        (lambda m: _first(m, size=40_000_000), "prices-malformed"),
        (lambda m: _first(m, name="letter.txt"), "manifest-malformed"),
        (lambda m: _first(m, parts=m.files[0].parts * 2), "parts-differ"),
        (lambda m: msgspec.structs.replace(m, files=m.files[:1]), "parts-differ"),
        (lambda m: msgspec.structs.replace(m, lots=("1", "2")), "prices-malformed"),
    ],
)
async def test_a_manifest_that_lies_is_refused(files: Files, change: Change, code: str) -> None:
    assert await refusal(files, Sealed({"offer.txt": b"x" * 1000}, change)) == code


async def test_plaintext_that_is_not_what_the_manifest_says_is_refused(files: Files) -> None:
    def lie(manifest: Manifest) -> Manifest:
        wrong = msgspec.structs.replace(manifest.files[0].parts[0], sha256_plain="d" * 64)
        return _first(manifest, parts=(wrong,))

    assert await refusal(files, Sealed(change=lie)) == "file-differs"


async def test_a_part_that_was_damaged_in_our_store_is_told_apart(files: Files) -> None:
    sealed = Sealed({"offer.txt": b"x"})
    last = sealed.parts[-1].blob.sha256
    sealed.held[last] = sealed.held[last][:-1] + b"?"
    assert await refusal(files, sealed) == "part-differs"


async def test_a_part_that_we_cannot_read_raises_our_own_fault(files: Files) -> None:
    sealed = Sealed({"offer.txt": b"x"})

    async def stream(sha256: str) -> AsyncIterator[bytes]:
        if sha256 == sealed.parts[1].blob.sha256:
            raise Refused("file-unknown", "There is no such file.", status=404)
        async for chunk in sealed.stream(sha256):
            yield chunk

    with pytest.raises(Refused) as no:
        await unseal(sealed.job(), stream, files)
    assert no.value.code == "file-unknown"


async def test_nothing_of_a_refused_bids_last_document_is_kept(files: Files, tmp_path: Path) -> None:
    sealed = Sealed({"offer.txt": b"x" * 20_000_000})
    last = sealed.parts[-1].blob.sha256
    sealed.held[last] = sealed.held[last][:-1] + b"?"
    assert await refusal(files, sealed) == "part-differs"
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


async def test_a_child_that_takes_too_long_is_ended(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = Sealed()
    monkeypatch.setattr(parent, "SECONDS", -2 * len(sealed.parts))
    assert await refusal(files, sealed) == "unavailable"


async def test_a_child_that_dies_is_told_apart_from_a_bad_bid(files: Files) -> None:
    sealed = Sealed()
    with pytest.raises(ChildDied):
        await unseal(sealed.job(items=("x" * JOB_LIMIT,)), sealed.stream, files)


UNCONFINED = """
import os, signal
from procurement.opening.unseal import child
from procurement.opening.unseal.confine import Confinement
child.confine, child.SECONDS = lambda: Confinement(False, 0), 0
"""


@pytest.mark.parametrize(
    ("opening", "ours"),
    [
        ("child._open = lambda *_: os.kill(os.getpid(), signal.SIGKILL)", True),
        ("child._open = lambda *_: os.kill(os.getpid(), signal.SIGTERM)", True),
        ("child._open = lambda *_: os.kill(os.getpid(), signal.SIGSEGV)", False),
        ("child._open = lambda *_: bytearray(4 << 30)", False),
        ("child._open = lambda *_: [None for _ in iter(int, 1)]", False),
        ("os._exit(1)", True),
        ("child.FRAMES += 1", True),
        ("child._frame(child.sys.stdout.buffer, b'F', b'{}'); child.confine = lambda: os._exit(0)", True),
    ],
    ids=["killed", "stopped", "broken", "all memory", "for ever", "not started", "another release", "an older one"],
)
async def test_what_no_bid_can_do_is_not_blamed_on_it(
    files: Files, monkeypatch: pytest.MonkeyPatch, opening: str, ours: bool
) -> None:
    monkeypatch.setattr(parent, "CHILD", ("-I", "-c", f"{UNCONFINED}\n{opening}\nchild.main()"))
    sealed = Sealed()
    if ours:
        assert await refusal(files, sealed) == "unavailable"
        return
    with pytest.raises(ChildDied):
        await unseal(sealed.job(), sealed.stream, files)


PROBE = """
import os, resource, sys
from procurement.opening.unseal import child
child._limit(0)
try:
    os.write(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY), b"plaintext")
    print("wrote")
except OSError:
    print("no file")
try:
    bytearray(2 << 30)
    print("took")
except MemoryError:
    print("no memory")
print(resource.getrlimit(resource.RLIMIT_CORE)[1], resource.getrlimit(resource.RLIMIT_NPROC)[1])
"""


def test_the_child_can_write_no_file_and_take_no_gigabytes(tmp_path: Path) -> None:
    def quiet() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the error instead of the signal, to see it

    target = tmp_path / "leak"
    argv = [sys.executable, "-I", "-c", PROBE, str(target)]
    said = subprocess.run(argv, capture_output=True, text=True, preexec_fn=quiet, timeout=30).stdout.split("\n")
    assert said[:3] == ["no file", "no memory", "0 0"]
    assert not target.exists() or target.stat().st_size == 0
