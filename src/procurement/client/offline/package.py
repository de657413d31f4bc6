"""A sealed package: the envelope and its sealed parts, in a folder or in one ZIP file. Nobody can read it.

    bid.json            which version of whose bid for what it is
    envelope.json       canonical bytes; their SHA-256 is the bid's digest
    financial.json      the same of the financial envelope, where a bid is two; where lots are priced apart there is
                        one for each in their order, financial-1.json and so on
    parts/<sha256>      the sealed parts that the envelopes name

It is written beside its place and put there when it is whole, so that half a package is never taken for one.
"""

import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from procurement.client.offline import Cannot
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Blob, Envelope, ReceiptBody, SealedPart, digest, envelope_bytes, parse_envelope
from procurement.kernel.sealing.reading import must_be_the_part

BID, ENVELOPE, FINANCIAL = "bid.json", "envelope.json", "financial.json"
UNFINISHED = ".unfinished"


class Bid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`version` is the one sealed inside, which the service asks for beside the envelope; `financial` the digest of the
    financial envelope, where there is one, `financial_lots` those of each lot by its id, in order, where lots are
    priced apart."""

    type: Literal["package/v1"] = "package/v1"
    tender: str
    supplier: str
    version: int
    digest: str
    financial: str | UnsetType = UNSET
    financial_lots: dict[str, str] | UnsetType = UNSET

    @property
    def priced_apart(self) -> dict[str, str]:
        """The digest of each financial envelope, by the name of its file."""
        if self.financial:
            return {FINANCIAL: self.financial}
        digests = self.financial_lots.values() if self.financial_lots else ()
        return dict(zip(_names(len(digests)), digests, strict=True))


class Package:
    """One that is whole. Its parts are read one by one, and each is held against the envelope."""

    def __init__(self, root: Path | zipfile.Path) -> None:
        self._root = root
        try:
            self.bid = msgspec.json.decode(self._read(BID), type=Bid)
            self.envelope = self._envelope(ENVELOPE, self.bid.digest)
            self.financial = tuple(self._envelope(*one) for one in self.bid.priced_apart.items())
        except (msgspec.DecodeError, Refused) as wrong:
            raise Cannot(f"This is no sealed package: {wrong}.") from None

    @property
    def envelopes(self) -> tuple[Envelope, ...]:
        """All that make the bid, in their order."""
        return self.envelope, *self.financial

    def is_named_by(self, receipt: ReceiptBody) -> bool:
        """Whether a receipt acknowledges this very bid, all of its envelopes."""
        said = receipt.digest, receipt.recipient, receipt.financial, receipt.financial_lots
        return said == (self.bid.digest, self.envelope.recipient, self.bid.financial, self.bid.financial_lots)

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The sealed parts of all of them."""
        return tuple(blob for envelope in self.envelopes for blob in envelope.blobs)

    @classmethod
    def open(cls, path: Path) -> "Package":
        """Raises Cannot where there is none."""
        if path.is_dir():
            return cls(path)
        try:
            return cls(zipfile.Path(path))
        except (OSError, zipfile.BadZipFile) as wrong:
            raise Cannot(f"{path} is no sealed package: {wrong}.") from None

    def part(self, blob: Blob) -> bytes:
        """Raises Cannot for one that is lost or damaged."""
        try:
            return must_be_the_part(blob, self._read(f"parts/{blob.sha256}"))
        except Refused:
            raise Cannot(f"The sealed part {blob.sha256} in this package was damaged.") from None

    def _envelope(self, name: str, named: str) -> Envelope:
        data = self._read(name)
        if digest(data) != named:
            raise Cannot("The envelope in this package was altered.")
        return parse_envelope(data)

    def _read(self, name: str) -> bytes:
        try:
            return self._root.joinpath(*name.split("/")).read_bytes()
        except (OSError, KeyError):
            raise Cannot(f"This is no whole sealed package: {name} is missing.") from None


class Writer:
    """A package being made, as one file or as a folder. `keep` takes the sealed parts as they come."""

    def __init__(self, path: Path, *, one_file: bool) -> None:
        self._path = path
        self._zip = zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) if one_file else None
        if self._zip is None:
            (path / "parts").mkdir(parents=True)

    def keep(self, part: SealedPart) -> None:
        self._write(f"parts/{part.blob.sha256}", part.data)

    def finish(self, bid: Bid, envelope: Envelope, financial: Sequence[Envelope] = ()) -> None:
        self._write(ENVELOPE, envelope_bytes(envelope))
        for name, one in zip(bid.priced_apart, financial, strict=True):
            self._write(name, envelope_bytes(one))
        self._write(BID, msgspec.json.encode(bid))
        self.close()
        if self._zip:
            durable(self._path)

    def close(self) -> None:
        """Twice is once."""
        if self._zip:
            self._zip.close()

    def _write(self, name: str, data: bytes) -> None:
        if self._zip:
            self._zip.writestr(name, data)
            return
        file = self._path.joinpath(*name.split("/"))
        file.write_bytes(data)
        durable(file)


def _names(lots: int) -> list[str]:
    """Of the files of as many financial envelopes."""
    return [f"financial-{place}.json" for place in range(1, lots + 1)]


@contextmanager
def making(path: Path) -> Iterator[Writer]:
    """A package at `path`: one file where it ends in .zip, else a folder. Raises Cannot where something stands there.

    What was begun and not finished is removed.
    """
    if path.exists():
        raise Cannot(f"{path} exists. Give another place: a sealed package is never written over.")
    beside = path.with_name(path.name + UNFINISHED)
    _remove(beside)
    writer = Writer(beside, one_file=path.suffix.lower() == ".zip")
    try:
        yield writer
        os.rename(beside, path)
        durable(path.parent)
    finally:
        writer.close()
        _remove(beside)


def durable(path: Path) -> None:
    """A file or folder that a loss of power does not take back."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
