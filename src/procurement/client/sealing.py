"""Seal a bid on one's own machine (suite SB1, level S1): what leaves it can be read by nobody before the opening."""

import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from procurement.kernel.money import Money, minor_digits
from procurement.kernel.sealing import (
    Envelope,
    FileSealer,
    ItemPrice,
    LotTotal,
    Manifest,
    Prices,
    SealedFile,
    SealedPart,
    lock_identity,
    new_identity,
    prices_bytes,
    seal_manifest,
)

CLIENT = "procurement.client"


class Line(msgspec.Struct, frozen=True):
    """A line of the price schedule, by the tender's ids."""

    item: str
    lot: str
    quantity: Decimal


class Asked(msgspec.Struct, frozen=True):
    """What the tender asks of a sealed bid. `recipient` is the keyholder's, `revision` the tender's hash."""

    tender: str
    revision: str
    recipient: str
    supplier: str
    version: int
    currency: str
    lines: tuple[Line, ...]


class Attached(msgspec.Struct, frozen=True):
    """A document of the bid; `confidential` says why it must not be published, or is ""."""

    name: str
    media_type: str
    data: bytes
    confidential: str = ""


class SealedBid(msgspec.Struct, frozen=True):
    """`parts` are uploaded first, then `envelope` is submitted with `version`."""

    envelope: Envelope
    version: int
    parts: tuple[SealedPart, ...]


def priced(asked: Asked, unit_prices: Mapping[str, str]) -> Prices:
    """prices.json for the unit prices given (item id -> decimal string); each lot's total is rounded line by line."""
    lines = [line for line in asked.lines if line.item in unit_prices]
    totals: dict[str, Money] = {}
    for line in lines:
        amount = Money.rounded(line.quantity * Decimal(unit_prices[line.item]), asked.currency)
        totals[line.lot] = totals.get(line.lot, Money(0, asked.currency)) + amount
    cents = Decimal(1).scaleb(-minor_digits(asked.currency))
    return Prices(
        currency=asked.currency,
        items=tuple(ItemPrice(item=line.item, unit_price=unit_prices[line.item]) for line in lines),
        lots=tuple(
            LotTotal(lot=lot, total=f"{total.decimal().quantize(cents, ROUND_HALF_UP):f}")
            for lot, total in totals.items()
        ),
    )


def seal_bid(asked: Asked, unit_prices: Mapping[str, str], documents: Sequence[Attached] = ()) -> SealedBid:
    """Make a fresh bid identity, seal everything to it, and lock it to the keyholder."""
    identity, recipient = new_identity()
    prices = priced(asked, unit_prices)
    files: list[SealedFile] = []
    parts: list[SealedPart] = []
    for one in (Attached("prices.json", "application/json", prices_bytes(prices)), *documents):
        sealer = FileSealer(one.name, one.media_type, recipient, one.confidential)
        parts += [*sealer.feed(one.data), *sealer.finish()]
        files.append(sealer.entry())
    manifest = Manifest(
        tender=asked.tender,
        revision=asked.revision,
        lots=tuple(lot.lot for lot in prices.lots),
        supplier=asked.supplier,
        version=asked.version,
        nonce=secrets.token_hex(32),
        files=tuple(files),
    )
    parts.insert(0, seal_manifest(manifest, recipient))
    envelope = Envelope(
        tender=asked.tender,
        revision=asked.revision,
        recipient=recipient,
        blobs=tuple(part.blob for part in parts),
        locked=b64encode(lock_identity(identity, asked.recipient)).decode(),
        sealed_by="client",
        client=CLIENT,
    )
    return SealedBid(envelope, asked.version, tuple(parts))
