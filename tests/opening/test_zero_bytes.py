"""A zero byte in what a bidder names: the database holds none, so such a bid must fail alone and stop no opening."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest
from bids_to_open import Change, seal
from doubling import released
from opening_day import Day

from procurement.kernel.canonical import canonical
from procurement.kernel.sealing import Manifest, SealedFile, SealedShare

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


def spoiled(**change: str) -> Change:
    def in_manifest(manifest: Manifest) -> Manifest:
        prices, offer = manifest.files
        files: tuple[SealedFile, ...] = (prices, msgspec.structs.replace(offer, **change))
        return msgspec.structs.replace(manifest, files=files)

    return in_manifest


async def test_a_zero_byte_in_a_bid_never_stops_the_others(day: Day, advance: Advance) -> None:
    tender = await day.tender()
    names = ("good", "name", "media", "reason", "lot")
    who = {name: await day.bidder(name) for name in names}
    org = {name: actor.organisation for name, actor in who.items()}
    await day.submit(who["good"], seal(tender, org["good"]))
    await day.submit(who["name"], seal(tender, org["name"], change=spoiled(name="offer\0.pdf")))
    await day.submit(who["media"], seal(tender, org["media"], change=spoiled(media_type="a\0")))
    await day.submit(who["reason"], seal(tender, org["reason"], change=spoiled(confidential="\0")))
    lot = {"currency": "EUR", "items": [], "lots": [{"lot": "\0", "total": "1"}]}
    bid = seal(tender, org["lot"], prices=canonical(lot))
    await day.submit(who["lot"], bid)
    await day.close_bidding(advance)
    await day.open()
    found = {bid.supplier: bid.problem_code for bid in await day.opened()}
    malformed = {org[name]: "manifest-malformed" for name in ("name", "media", "reason")}
    assert found == {org["good"]: "", **malformed, org["lot"]: "prices-malformed"}


def damaged(dealt: tuple[SealedShare, ...]) -> tuple[SealedShare, ...]:
    return (msgspec.structs.replace(dealt[0], ct="\0"), *dealt[1:])


async def test_a_zero_byte_in_a_share_never_stops_the_others(double: Day, advance: Advance) -> None:
    """Only the keyholder can see it: it is refused there, before anything is kept."""
    good, bad = await double.bidder("good"), await double.bidder("bad")
    await double.submit(good, seal(await double.tender(), good.organisation))
    bid = seal(await double.tender(), bad.organisation)
    await double.submit(bad, bid, **await double.locked_to_all(bid, damaged))
    await released(double, advance)
    for one in double.holders[:2]:
        await double.give(one)
    await double.sweep()
    found = {bid.supplier: bid.problem_code for bid in await double.opened()}
    assert found == {good.organisation: "", bad.organisation: "lock-malformed"}
