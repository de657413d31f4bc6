"""A tender from its first word to its publication: who may, what is recorded, what is refused."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import text
from tendering import MODEL_LAW, MONTH, PREFIX, Keys, Town, complete_draft, enforce, open_tender, refused

from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import NOBODY
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.money import Money
from procurement.tenders import service as tenders
from procurement.tenders.rules import Phase, inputs

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def recorded(database: Database, town: Town) -> list[str]:
    """The types of the tenders' facts, in order."""
    async with database.begin(town.olga) as tx:
        rows = await tx.session.scalars(
            text("SELECT type FROM ledger_record WHERE type ~ 'Tender|Deadline|Question' ORDER BY id")
        )
        return list(rows)


async def test_a_draft_gets_the_next_number_of_the_year_and_one_lot(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        made = [
            await tenders.create(tx, inputs.New(title="Winter gritting", category="services"), ocid_prefix=PREFIX)
            for _ in range(2)
        ]
        year = tx.now.year
        draft = await tenders.own_tender(tx, made[0])
    assert made == [f"{year}-0001", f"{year}-0002"]
    assert (draft.ocid, draft.buyer, draft.state) == (f"{PREFIX}-{made[0]}", town.city, "draft")
    assert [lot.title for lot in draft.lots] == ["Winter gritting"]
    assert await recorded(database, town) == []


async def test_two_people_publish_and_everything_is_frozen(database: Database, town: Town, keys: Keys) -> None:
    tender_id = await open_tender(database, town, keys)
    async with database.begin(NOBODY) as tx:
        tender = await tenders.public_tender(tx, tender_id)
        (revision,) = await tenders.revisions(tx, tender_id)
        rulebook = await tenders.rulebook_of(tx, tender)
        assert tender.phase(tx.now) is Phase.OPEN
    assert (tender.revision, tender.revision_hash) == (1, sha256_hex(revision.content))
    assert (tender.rulebook, tender.rulebook_sha256) == (rulebook.id, rulebook.sha256)
    assert tender.procedure_rules["ocds_method"] == "open"
    assert tender.keyholder_recipient.startswith("age1")
    assert keys.bound == {tender_id: tender.opening_at}
    assert tender.question_deadline < tender.answer_deadline < tender.deadline == tender.opening_at
    assert await recorded(database, town) == ["TenderSubmitted", "TenderPublished"]
    content = msgspec.json.decode(revision.content)
    assert content["value"] == {"amount": 124000000, "currency": "EUR"}
    assert content["items"][0]["quantity"] == "12500.5"
    assert not {"created_by", "submitted_by", "closed_at"} & content.keys()


async def test_whoever_submits_cannot_publish(database: Database, town: Town, keys: Keys) -> None:
    async with database.begin(town.omar) as tx:
        tender_id = await complete_draft(tx)
        await tenders.submit(tx, keys, tender_id)
    assert await refused(database, town.omar, lambda tx: tenders.approve(tx, keys, tender_id)) == "same-person"


async def test_a_small_purchase_needs_one_person_where_the_rulebook_says_so(
    database: Database, keys: Keys, town: Town
) -> None:
    rules = MODEL_LAW.replace(b"version = 2", b"version = 3").replace(
        b'[approvals.publication]\nabove = "0"', b'[approvals.publication]\nabove = "2000000"'
    )
    await enforce(database, town, rules)
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx)
        await tenders.submit(tx, keys, tender_id)
        assert (await tenders.tender(tx, tender_id)).state == "open"


@pytest.mark.parametrize(
    ("who", "code"), [("otto", "not-permitted"), ("rosa", "tender-unknown"), ("ines", "tender-unknown")]
)
async def test_only_an_approver_of_the_buyer_publishes(
    database: Database, town: Town, keys: Keys, who: str, code: str
) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx)
        await tenders.submit(tx, keys, tender_id)
    assert await refused(database, getattr(town, who), lambda tx: tenders.approve(tx, keys, tender_id)) == code
    assert await refused(database, NOBODY, lambda tx: tenders.approve(tx, keys, tender_id)) == "tender-unknown"


async def test_without_the_keyholder_nothing_is_published(database: Database, town: Town, keys: Keys) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx)
        await tenders.submit(tx, keys, tender_id)
    keys.answers = False
    assert await refused(database, town.pia, lambda tx: tenders.approve(tx, keys, tender_id)) == "unavailable"
    assert await recorded(database, town) == ["TenderSubmitted"]


async def test_time_that_ran_on_since_submission_is_counted(
    database: Database, town: Town, keys: Keys, advance: Advance
) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx)
        await tenders.submit(tx, keys, tender_id)
    await advance(timedelta(days=20))
    assert await refused(database, town.pia, lambda tx: tenders.approve(tx, keys, tender_id)) == "deadline-too-early"


async def test_an_approver_sends_a_draft_back_with_a_reason(database: Database, town: Town, keys: Keys) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx)
        await tenders.submit(tx, keys, tender_id)
    assert await refused(database, town.pia, lambda tx: tenders.send_back(tx, tender_id, "no")) == "form-invalid"
    async with database.begin(town.pia) as tx:
        await tenders.send_back(tx, tender_id, "Name the streets, please.")
    async with database.begin(town.olga) as tx:
        draft = await tenders.own_tender(tx, tender_id)
        assert (draft.state, draft.returned_reason) == ("draft", "Name the streets, please.")
        await tenders.set_deadline(tx, tender_id, tx.now + 2 * MONTH)
    assert await refused(database, town.pia, lambda tx: tenders.approve(tx, keys, tender_id)) == "not-submitted"


async def test_what_is_submitted_cannot_be_edited(database: Database, town: Town, keys: Keys) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx)
        lot = (await tenders.tender(tx, tender_id)).lots[0].id
        await tenders.submit(tx, keys, tender_id)

    async def rename(tx: Tx) -> None:
        await tenders.save_lot(tx, tender_id, inputs.LotInput(title="Another road"), lot)

    assert await refused(database, town.olga, rename) == "not-a-draft"
    assert await refused(database, town.olga, lambda tx: tenders.submit(tx, keys, tender_id)) == "not-a-draft"


async def test_another_buyer_neither_reads_nor_edits_a_draft(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx)
    title = inputs.LotInput(title="Ours")
    for act in (
        lambda tx: tenders.own_tender(tx, tender_id),
        lambda tx: tenders.save_lot(tx, tender_id, title),
        lambda tx: tenders.reserve(tx, tender_id, 1, 1_000),
    ):
        assert await refused(database, town.rosa, act) == "tender-unknown"
    assert await refused(database, town.rosa, lambda tx: tenders.of_buyer(tx, town.city)) == "not-permitted"
    assert await refused(database, town.rosa, lambda tx: tenders.public_tender(tx, tender_id)) == "tender-unknown"
    assert await refused(database, town.olga, lambda tx: tenders.tender(tx, "2026-9999")) == "tender-unknown"


async def test_a_row_of_another_tender_is_unknown_here(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        mine, other = await complete_draft(tx), await complete_draft(tx)
        foreign = await tenders.tender(tx, other)
    item, criterion, lot = foreign.items[0], foreign.criteria[0], foreign.lots[0]
    moved = inputs.ItemInput(
        lot=lot.id, description="x", classification_id="45233222-1", quantity=Decimal(1), unit="m2"
    )
    assert await refused(database, town.olga, lambda tx: tenders.remove_item(tx, mine, item.id)) == "item-unknown"
    assert await refused(database, town.olga, lambda tx: tenders.save_item(tx, mine, moved)) == "form-invalid"
    assert (
        await refused(database, town.olga, lambda tx: tenders.remove_criterion(tx, mine, criterion.id))
        == "criterion-unknown"
    )


async def test_the_last_lot_stays_and_a_removed_one_takes_its_rows_along(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx)
        first = (await tenders.tender(tx, tender_id)).lots[0].id
        second = await tenders.save_lot(tx, tender_id, inputs.LotInput(title="East Quay", value="240 000"))
        await tenders.save_criterion(tx, tender_id, inputs.CriterionInput(name="Quay", kind="pass-fail", lot=second))
        draft = await tenders.tender(tx, tender_id)
        assert [(lot.number, lot.value) for lot in draft.lots] == [(1, None), (2, Money(24000000, "EUR"))]
        await tenders.remove_lot(tx, tender_id, second)
        draft = await tenders.tender(tx, tender_id)
        assert ([lot.id for lot in draft.lots], len(draft.criteria)) == ([first], 3)
    assert await refused(database, town.olga, lambda tx: tenders.remove_lot(tx, tender_id, first)) == "form-invalid"
