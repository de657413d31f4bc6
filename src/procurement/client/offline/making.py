"""From the folder to a sealed package and its recovery kit. No network is used."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from msgspec import UNSET

from procurement.client.offline import Cannot, folder
from procurement.client.offline.package import Bid, durable, making
from procurement.client.offline.tender_file import TenderFile
from procurement.client.sealing import Sealed, seal_into
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import SealedPart
from procurement.kernel.sealing.kit import kit_bytes


class Made(msgspec.Struct, frozen=True):
    """What was sealed: totals by lot number, documents by name with their size, and the size of all parts, in bytes.
    `kits` is where the kits are, none after a dry run."""

    sealed: Sealed
    totals: dict[int, str]
    documents: dict[str, int]
    size: int
    kits: tuple[Path, ...] = ()


def kits_of(tender: TenderFile, lots: Iterable[str], kit: Path) -> tuple[Path, ...]:
    """Where the kits go of a bid for these lots (ids), one for each envelope: who gives one of them away gives nothing
    of the others."""
    if not tender.financial_recipient:
        return (kit,)
    numbers = {lot.id: lot.number for lot in tender.lots}
    apart = [f".lot-{numbers[lot]}" for lot in lots] if tender.asked().lots_apart else [""]
    return kit, *(kit.with_name(f"{kit.stem}.financial{which}{kit.suffix}") for which in apart)


def seal(tender: TenderFile, prepared: folder.Prepared, package: Path, kit: Path) -> Made:
    """Seal into a package, and write the kits before the package is there: without a kit there is no package.

    Raises Cannot; then neither is there.
    """
    places = kits_of(tender, (lot.lot for lot in prepared.prices.lots), kit)
    if there := [place for place in places if place.exists()]:
        raise Cannot(f"{there[0]} exists. Give another place: a kit is never written over.")
    with making(package) as writer:
        made = _sealed(tender, prepared, writer.keep)
        sealed = made.sealed
        apart = {one.envelope.lot_group: one.kit.digest for one in sealed.financial}
        bid = Bid(
            tender=tender.tender,
            supplier=tender.supplier,
            version=tender.version,
            digest=sealed.kit.digest,
            financial=apart.pop("", UNSET),
            financial_lots=apart or UNSET,
        )
        writer.finish(bid, sealed.envelope, sealed.priced_apart)
        for place, one in zip(places, sealed.envelopes, strict=True):
            _secret(place, kit_bytes(one.kit))
    return msgspec.structs.replace(made, kits=places)


def rehearse(tender: TenderFile, prepared: folder.Prepared) -> Made:
    """Seal everything, and keep nothing of it."""
    return _sealed(tender, prepared, lambda part: None)


def _sealed(tender: TenderFile, prepared: folder.Prepared, keep: Callable[[SealedPart], object]) -> Made:
    taken: list[int] = []

    def counted(part: SealedPart) -> None:
        taken.append(part.blob.size)
        if sum(taken) > tender.bid_limit:
            raise Cannot(f"A bid holds at most {tender.bid_limit // 1_000_000:,} MB. Remove a document.")
        keep(part)

    try:
        sealed = seal_into(counted, tender.asked(), prepared.prices, prepared.documents)
    except Refused as no:
        raise Cannot(no.detail) from None
    except OSError as broken:
        raise Cannot(f"A file could not be read or written: {broken}.") from None
    numbers = {lot.id: lot.number for lot in tender.lots}
    totals = {numbers[lot.lot]: f"{lot.total} {prepared.prices.currency}" for lot in prepared.prices.lots}
    documents = {one.name: len(one.data) if isinstance(one.data, bytes) else one.data.stat().st_size
                 for one in prepared.documents}  # fmt: skip
    return Made(sealed, totals, documents, sum(taken))


def _secret(path: Path, data: bytes) -> None:
    """A new file that only its owner reads, durable."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(data)
    durable(path)
