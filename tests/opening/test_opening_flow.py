"""From closed bids to the reading out, with a real keyholder process and a signed ledger."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import msgspec
import pytest
from bids_to_open import price_list, seal
from opening_day import RECEIPTS, Day, read
from sqlalchemy import text

from procurement.bids.service import parts
from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import prices_bytes
from procurement.kernel.sealing.signing import must_be_signed
from procurement.opening import service
from procurement.opening.service import staging, steps
from procurement.opening.service.evidence import first_opening
from procurement.opening.service.steps import OPENER

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def refusal(awaitable: Awaitable[object]) -> str:
    with pytest.raises(Refused) as no:
        await awaitable
    return no.value.code


async def facts(database: Database, process: str) -> list[str]:
    query = text("SELECT type FROM ledger_record WHERE process = :process ORDER BY id")
    async with database.begin(OPENER) as tx:
        return list(await tx.session.scalars(query, {"process": process}))


async def test_two_officers_open_all_bids_together(day: Day, advance: Advance) -> None:
    tender = await day.tender()
    adler, bright = await day.bidder("Adler Strassenbau"), await day.bidder("Brightwater Civil Ltd")
    await day.submit(adler, seal(tender, adler.organisation, "100.00"))
    await day.submit(bright, seal(tender, bright.organisation, "95.25", offer=b"x" * 100_000))
    await day.close_bidding(advance)
    await day.open()
    opened = await day.opened()
    assert [(bid.supplier, bid.valid) for bid in opened] == [(adler.organisation, True), (bright.organisation, True)]
    assert opened[0].total == Money(125_005_000, "EUR")
    assert opened[1].item_prices[0].unit_price == "95.25"
    assert [document.name for document in opened[1].documents] == ["offer.pdf"]
    assert await read(await day.files.open("opened", opened[1].documents[0].sha256)) == b"x" * 100_000
    recorded = await facts(day.database, tender.ocid)
    assert recorded[-4:] == ["OpeningRequested", "OpeningConfirmed", "BidsOpened", "RecordsDisclosed"]


async def test_the_opening_record_is_signed_and_complete(day: Day, advance: Advance) -> None:
    adler = await day.bidder("Adler Strassenbau")
    await day.submit(adler, seal(await day.tender(), adler.organisation))
    await day.close_bidding(advance)
    await day.open()
    async with day.database.begin(OPENER) as tx:
        file = msgspec.json.decode(await service.record(tx, RECEIPTS, day.tender_id), type=dict[str, msgspec.Raw])
    must_be_signed(RECEIPTS.private.public_key(), bytes(file["record"]), msgspec.json.decode(file["signature"]))
    said = msgspec.json.decode(file["record"])
    assert said["type"] == "opening-record/v1"
    assert said["opened"]["bids"][0]["supplier"] == adler.organisation
    assert (said["requested_by"], said["confirmed_by"]) == (day.town.olga.person, day.town.pia.person)


async def test_what_was_hidden_until_the_opening_is_disclosed_with_it(day: Day, advance: Advance) -> None:
    adler = await day.bidder("Adler Strassenbau")
    await day.submit(adler, seal(await day.tender(), adler.organisation))
    await day.close_bidding(advance)
    hidden = text(
        "SELECT count(*) FROM ledger_record r WHERE visible = 'at-opening' "
        "AND NOT EXISTS (SELECT FROM ledger_disclosure d WHERE d.record_id = r.id)"
    )
    async with day.database.begin(OPENER) as tx:
        assert await tx.session.scalar(hidden) == 2
    await day.open()
    async with day.database.begin(OPENER) as tx:
        assert await tx.session.scalar(hidden) == 0


async def test_a_tender_without_bids_is_opened_too(day: Day, advance: Advance) -> None:
    await day.close_bidding(advance)
    await day.open()
    assert await day.opened() == ()


async def test_one_bad_bid_never_stops_the_others(day: Day, advance: Advance) -> None:
    tender = await day.tender()
    names = ("good", "copied", "unpriced", "wrong sum", "other lots", "foreign key", "dropped")
    who = {name: await day.bidder(name) for name in names}
    org = {name: actor.organisation for name, actor in who.items()}
    await day.submit(who["good"], seal(tender, org["good"]))
    await day.submit(who["copied"], seal(tender, org["good"]))  # sealed as another supplier's bid
    await day.submit(who["unpriced"], seal(tender, org["unpriced"], prices=b"{}"))
    wrong = msgspec.structs.replace(price_list(tender, "1"), items=price_list(tender, "2").items)
    await day.submit(who["wrong sum"], seal(tender, org["wrong sum"], prices=prices_bytes(wrong)))
    no_lots = seal(tender, org["other lots"], change=lambda m: msgspec.structs.replace(m, lots=()))
    await day.submit(who["other lots"], no_lots)
    foreign = seal(tender, org["foreign key"])
    foreign.identity = seal(tender, org["foreign key"]).identity
    await day.submit(who["foreign key"], foreign)
    dropped = seal(tender, org["dropped"])
    dropped.parts.pop()
    await day.submit(who["dropped"], dropped)
    await day.close_bidding(advance)
    await day.open()
    found = {bid.supplier: bid.problem_code for bid in await day.opened()}
    assert found == {
        org["good"]: "",
        org["copied"]: "bid-misplaced",
        org["unpriced"]: "prices-malformed",
        org["wrong sum"]: "prices-do-not-add-up",
        org["other lots"]: "prices-malformed",
        org["foreign key"]: "identity-differs",
        org["dropped"]: "parts-differ",
    }


async def test_before_the_opening_time_nobody_can_ask(day: Day) -> None:
    assert await refusal(day.request(day.town.olga)) == "not-closed"


async def test_officers_are_told_of_a_later_time_that_was_bound_and_never_recorded(day: Day, advance: Advance) -> None:
    before = (await day.tender()).opening_at
    assert before
    bound = before + timedelta(days=1)
    await day.keyholder.postpone(first_opening(await day.tender()), bound)  # and then the commit failed
    await day.close_bidding(advance)
    assert await refusal(day.request(day.town.olga)) == "too-early", "a second may be two clocks that differ"
    await day.move_to(before + timedelta(minutes=2), advance)
    with pytest.raises(Refused) as no:
        await day.request(day.town.olga)
    assert no.value.code == "bound-later" and bound.isoformat() in no.value.detail
    await day.move_to(bound + timedelta(minutes=1), advance)
    await day.open()
    assert await day.opened() == ()


async def test_one_person_cannot_be_both(day: Day, advance: Advance) -> None:
    await day.close_bidding(advance)
    await day.request(day.town.omar)
    assert await refusal(day.confirm(day.town.omar, "000000")) == "same-person"


async def test_an_approver_cannot_ask_first_and_an_officer_cannot_confirm(day: Day, advance: Advance) -> None:
    await day.close_bidding(advance)
    assert await refusal(day.request(day.town.pia)) == "not-permitted"
    assert await refusal(day.confirm(day.town.pia)) == "not-requested"
    await day.request(day.town.olga)
    assert await refusal(day.confirm(day.town.otto)) == "not-permitted"
    assert await refusal(day.request(day.town.otto)) == "already-requested"


async def test_another_buyers_people_have_no_say(day: Day, advance: Advance) -> None:
    await day.close_bidding(advance)
    assert await refusal(day.request(day.town.rosa, "000000")) == "not-permitted"


async def test_without_a_fresh_proof_of_identity_nobody_asks(day: Day, advance: Advance) -> None:
    await day.close_bidding(advance)
    async with day.database.begin(day.town.olga) as tx:
        assert await refusal(service.request(tx, day.keyholder, day.tender_id, "000000")) == "step-up-needed"


async def test_a_wrong_code_leaves_no_trace(day: Day, advance: Advance) -> None:
    await day.close_bidding(advance)
    wrong = f"{(int(await day.code(day.town.olga)) + 1) % 10**6:06}"
    assert await refusal(day.request(day.town.olga, wrong)) == "code-wrong"
    async with day.database.begin(OPENER) as tx:
        assert await service.opening(tx, day.tender_id) is None


async def test_nothing_is_shown_before_both_have_asked(day: Day, advance: Advance) -> None:
    adler = await day.bidder("Adler Strassenbau")
    await day.submit(adler, seal(await day.tender(), adler.organisation))
    await day.close_bidding(advance)
    await day.request(day.town.olga)
    await day.sweep()
    assert await refusal(day.opened()) == "not-opened"


async def test_a_part_that_we_lost_makes_the_opening_wait_and_is_told(day: Day, advance: Advance) -> None:
    tender = await day.tender()
    adler, bright = await day.bidder("Adler Strassenbau"), await day.bidder("Brightwater Civil Ltd")
    lost = seal(tender, adler.organisation)
    await day.submit(adler, lost)
    await day.submit(bright, seal(tender, bright.organisation))
    await day.close_bidding(advance)
    await day.files.forget("sealed", lost.parts[-1].blob.sha256)
    await day.open()
    async with day.database.begin(OPENER) as tx:
        held = await service.opening(tx, day.tender_id)
    assert held and held.shown_at is None and held.problem
    await parts.store_sealed(day.files, lost.parts[-1])
    await day.sweep()
    assert [bid.valid for bid in await day.opened()] == [True, True]


async def test_an_opening_interrupted_anywhere_goes_on_where_it_was(
    day: Day, advance: Advance, monkeypatch: pytest.MonkeyPatch
) -> None:
    tender = await day.tender()
    for name in ("Adler Strassenbau", "Brightwater Civil Ltd", "Harbour Paving"):
        who = await day.bidder(name)
        await day.submit(who, seal(tender, who.organisation))
    await day.close_bidding(advance)
    await day.request(day.town.olga)
    await day.confirm(day.town.pia)
    for at, step in ((steps, "_release"), (staging, "unseal"), (staging, "_keep"), (steps, "show")):
        real = getattr(at, step)
        done = 0

        async def dies(*given: object, real: Callable[..., Awaitable[object]] = real) -> object:
            nonlocal done
            done += 1
            answer = await real(*given)
            if done > 1 or real.__name__ in ("_release", "show"):
                raise RuntimeError("killed")
            return answer

        with monkeypatch.context() as killed:
            killed.setattr(at, step, dies)
            await day.sweep()
        assert await refusal(day.opened()) == "not-opened"
    await day.sweep()
    assert [bid.valid for bid in await day.opened()] == [True, True, True]
    assert (await facts(day.database, tender.ocid)).count("BidsOpened") == 1


async def test_an_opening_only_goes_forward_in_the_database_too(
    day: Day, advance: Advance, owner: asyncpg.Connection
) -> None:
    adler = await day.bidder("Adler Strassenbau")
    await day.submit(adler, seal(await day.tender(), adler.organisation))
    await day.close_bidding(advance)
    await day.open()
    for statement in (
        "UPDATE opening SET shown_at = NULL, record = NULL",
        "UPDATE opening SET confirmed_by = requested_by",
        "DELETE FROM opening",
        "TRUNCATE opening CASCADE",
        "UPDATE opened_bid SET prices = '{}'",
        "DELETE FROM opened_document",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute(statement)
