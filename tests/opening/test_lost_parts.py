"""A part that our storage lost makes the opening wait; its bidder is told, deposits it again, and it goes on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from bids_to_open import seal
from opening_day import Day
from sqlalchemy import text

from procurement.bids import service as bids
from procurement.bids.rules.facts import SealedPartsLost
from procurement.bids.service import parts
from procurement.infra import mail
from procurement.infra.mail import Mail
from procurement.infra.outbox import Recorded
from procurement.kernel.actor import system
from procurement.notices.jobs.telling import tell_lost
from procurement.notices.service import inbox
from procurement.opening import service
from procurement.opening.service.reading import staged_bids
from procurement.opening.service.steps import OPENER
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def test_a_bidder_deposits_again_what_we_lost_and_the_opening_goes_on(day: Day, advance: Advance) -> None:
    tender = await day.tender()
    adler, bright = await day.bidder("Adler Strassenbau"), await day.bidder("Brightwater Civil Ltd")
    sealed = seal(tender, adler.organisation)
    await day.submit(adler, sealed)
    await day.submit(bright, seal(tender, bright.organisation))
    await day.close_bidding(advance)
    lost = sealed.parts[-1]
    await day.files.forget("sealed", lost.blob.sha256)
    await day.open()
    await day.sweep()
    async with day.database.begin(OPENER) as tx:
        held = await service.opening(tx, day.tender_id)
        (final,) = [bid for bid in await bids.final_envelopes(tx, day.tender_id) if bid.supplier == adler.organisation]
    assert held and held.shown_at is None and held.problem
    async with day.database.begin(adler) as tx:
        assert [one.blob for one in await bids.losses(tx, final.digest)] == [lost.blob]
        blob = await bids.depositable(tx, final.digest, lost.blob.sha256)
    await parts.store(day.files, blob.sha256, once(lost.data))
    async with day.database.begin(adler) as tx:
        await bids.deposited(tx, final.digest, blob)
    await day.sweep()
    assert [bid.valid for bid in await day.opened()] == [True, True]


async def test_every_bidder_whose_parts_we_lost_is_told_and_the_other_bids_are_opened_meanwhile(
    day: Day, advance: Advance
) -> None:
    tender, names = await day.tender(), ("Adler Strassenbau", "Brightwater Civil Ltd", "Vesna Roads")
    bidders = [await day.bidder(name) for name in names]
    sealed = [seal(tender, one.organisation) for one in bidders]
    for who, bid in zip(bidders, sealed, strict=True):
        await day.submit(who, bid)
    await day.close_bidding(advance)
    for bid in sealed[:2]:
        await day.files.forget("sealed", bid.parts[-1].blob.sha256)
    await day.open()
    await day.sweep()
    async with day.database.begin(OPENER) as tx:
        missing = await tx.session.scalars(text("SELECT supplier_id FROM bid JOIN lost_part ON bid_id = bid.id"))
        assert set(missing) == {one.organisation for one in bidders[:2]}
        assert [one.supplier for one in await staged_bids(tx, tender.id)] == [bidders[2].organisation]


async def test_only_the_bidder_is_told_and_only_once(
    day: Day, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Mail.connect(settings)
    monkeypatch.setattr(mail, "outgoing", lambda: post)
    tender = await day.tender()
    adler, bright = await day.bidder("Adler Strassenbau"), await day.bidder("Brightwater Civil Ltd")
    for who in (adler, bright):
        await day.submit(who, seal(tender, who.organisation))
    fact = SealedPartsLost(tender=tender.id, bid="somebid", supplier=adler.organisation, parts=2)
    async with day.database.begin(system("storage")) as tx:
        record = await tx.record(fact, process=tender.ocid, organisation=adler.organisation)
        recorded = Recorded(record, tx.now, tender.ocid, adler.organisation, "storage", fact)
    for _ in range(2):
        async with day.database.begin(system("notices")) as tx:
            await tell_lost.run(tx, recorded)
    told = {}
    for who in (adler, bright, day.town.olga):
        async with day.database.begin(who) as tx:
            told[who.organisation] = [message.title for message in (await inbox.inbox(tx))[0]]
    assert told.pop(adler.organisation) == [f"Please deposit your sealed bid again: {tender.title}"]
    assert set(map(tuple, told.values())) == {()}


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data
