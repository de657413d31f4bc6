"""A double-locked opening in tests: bids with something wrong in their dealing, and what is known of them."""

import base64
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from bids_to_open import Bid, seal
from opening_day import Day, Spoil
from tendering import SETUP

from procurement.infra.tx import Tx
from procurement.kernel.actor import NOBODY, Actor
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Kit, SealedShare, kit_bytes
from procurement.kernel.sealing.age import encrypt
from procurement.opening import service

if TYPE_CHECKING:
    from conftest import Advance


async def refused(day: Day, actor: Actor, act: Callable[[Tx], Awaitable[object]]) -> Refused:
    with pytest.raises(Refused) as no:
        async with day.database.begin(actor) as tx:
            await act(tx)
    return no.value


async def bidders(day: Day, *names: str) -> dict[str, tuple[Actor, Bid]]:
    """A bid of each, sealed and submitted."""
    made = {}
    for name in names:
        who = await day.bidder(name)
        made[name] = who, seal(await day.tender(), who.organisation)
        await day.submit(*made[name])
    return made


async def released(day: Day, advance: "Advance") -> None:
    await day.close_bidding(advance)
    await day.open()


async def standing(day: Day) -> service.Sharing:
    async with day.database.begin(NOBODY) as tx:
        found = (await service.view(tx, day.tender_id)).sharing
    assert found
    return found


async def facts(day: Day, type_: str) -> list[dict[str, Any]]:
    async with day.database.begin(SETUP) as tx:
        connection = await tx.session.connection()
        rows = await connection.exec_driver_sql("SELECT body FROM ledger_record WHERE type = $1 ORDER BY id", (type_,))
        return [msgspec.json.decode(body)["fact"] for (body,) in rows]


def redealt(day: Day, place: int, plain: bytes) -> Spoil:
    """The bidder deals something else to the holder at that place, and commits to it."""

    def spoil(dealt: tuple[SealedShare, ...]) -> tuple[SealedShare, ...]:
        ct = base64.b64encode(encrypt(plain, day.holders[place - 1].key.recipient)).decode()
        other = SealedShare(member=dealt[place - 1].member, commit=sha256_hex(plain), ct=ct)
        return (*dealt[: place - 1], other, *dealt[place:])

    return spoil


def unreadable(*places: int) -> Spoil:
    """The bidder's client damaged what it locked to the holders at these places."""

    def spoil(dealt: tuple[SealedShare, ...]) -> tuple[SealedShare, ...]:
        return tuple(
            msgspec.structs.replace(one, ct="AAAA") if place in places else one
            for place, one in enumerate(dealt, start=1)
        )

    return spoil


async def lost_bid(day: Day, advance: "Advance") -> tuple[Actor, Bid, str]:
    """A bid that only one member can read; all three were asked. The bidder, the bid, its digest."""
    who = await day.bidder("Adler Strassenbau")
    bid = seal(await day.tender(), who.organisation)
    await day.submit(who, bid, **await day.locked_to_all(bid, unreadable(1, 3)))
    await released(day, advance)
    shares = (await day.wanted(day.holders[0])).shares
    [digest] = [one.digest for one in shares if bid.recipient in one.envelope]
    for one in day.holders:
        await day.give(one)
        await day.sweep()
    return who, bid, digest


def kit(day: Day, who: Actor, bid: Bid, digest: str) -> bytes:
    return kit_bytes(
        Kit(
            tender=day.tender_id, recipient=bid.recipient, identity=bid.identity, digest=digest,
            supplier=who.organisation, version=1,
        )
    )  # fmt: skip
