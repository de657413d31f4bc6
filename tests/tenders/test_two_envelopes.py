"""Tenders whose bids are two envelopes: what a draft may not be, and to which times the keyholder is bound."""

from datetime import datetime

import pytest
from tendering import MONTH, TWO_ENVELOPES, Keys, Town, complete_draft, enforce, open_tender, refused, settle_town

from procurement.infra.tx import Database, Tx
from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import FINANCIAL, TECHNICAL, Bound, Opening
from procurement.rulebooks.rules import read
from procurement.tenders import service

pytestmark = pytest.mark.anyio
PROPOSALS = "request-for-proposals"


class Kinds(Keys):
    """Remembers each kind of envelope apart, and gives each a recipient of its own."""

    def __init__(self) -> None:
        super().__init__(financial="age1" + "p" * 58)

    async def postpone(self, opening: Opening, not_before: datetime) -> Bound:
        self.bound[f"{opening.tender}/{opening.kind}"] = not_before
        return await super().postpone(opening, not_before)


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database, rules=TWO_ENVELOPES)


async def test_the_keyholder_has_an_identity_for_each_kind_and_moves_both(database: Database, town: Town) -> None:
    keys = Kinds()
    tender_id = await open_tender(database, town, keys, procedure=PROPOSALS)
    async with database.begin(town.olga) as tx:
        tender = await service.tender(tx, tender_id)
        later = (tender.deadline or tx.now) + MONTH
        await service.propose_extension(tx, tender_id, later, "Bidders asked for more time.")
    assert tender.two_envelopes and tender.financial_recipient != tender.keyholder_recipient
    async with database.begin(town.pia) as tx:
        await service.approve_extension(tx, keys, tender_id)  # type: ignore[arg-type]  # answers as one
    assert {keys.bound[f"{tender_id}/{kind}"] for kind in (TECHNICAL, FINANCIAL)} == {later}


async def test_other_tenders_have_one_identity_and_say_nothing_of_a_second(database: Database, town: Town) -> None:
    keys = Kinds()
    tender_id = await open_tender(database, town, keys)
    async with database.begin(town.olga) as tx:
        tender = await service.tender(tx, tender_id)
        content = (await service.revisions(tx, tender_id))[0].content
    assert set(keys.bound) == {tender_id, f"{tender_id}/single"}
    assert not tender.two_envelopes and b"financial" not in content


async def _submit(tx: Tx, tender_id: str) -> None:
    await service.submit(tx, Keys(), tender_id)  # type: ignore[arg-type]  # answers as one


async def test_several_lots_in_two_envelopes_are_priced_apart_to_one_key_of_the_keyholder(
    database: Database, town: Town
) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx, procedure=PROPOSALS, more_lots=["Another road"])
        await _submit(tx, tender_id)
    async with database.begin(town.pia) as tx:
        keys = Keys(financial="age1" + "p" * 58)
        await service.approve(tx, keys, tender_id)  # type: ignore[arg-type]  # answers as one
        tender = await service.tender(tx, tender_id)
    assert tender.lots_apart == tuple(lot.id for lot in tender.lots) and len(tender.lots) == 2
    assert [one.statement.opening.lot_group for one in tender.opening_keys or ()] == ["", ""]


async def test_what_does_not_go_with_two_envelopes_is_said_before_publication(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx, procedure=PROPOSALS)
        await service.choose_award_method(tx, tender_id, "lowest-price")
        with pytest.raises(Refused, match="scores quality"):
            await _submit(tx, tender_id)


async def test_where_the_rulebook_asks_for_key_holders_two_envelopes_need_them_as_one_does(
    database: Database, town: Town
) -> None:
    seal = b'[[seals]]\nlevel = "S1"\n'
    raised = TWO_ENVELOPES.replace(seal, b'[[seals]]\nlevel = "S2"\n').replace(b"version = 2", b"version = 3", 1)
    await enforce(database, town, raised)
    async with database.begin(town.olga) as tx:
        tender_id = await complete_draft(tx, procedure=PROPOSALS)
        with pytest.raises(Refused, match="level S2 at least"):
            await _submit(tx, tender_id)


async def test_a_procedure_that_the_rulebook_does_not_know_is_refused(database: Database, town: Town) -> None:
    assert await refused(database, town.olga, lambda tx: complete_draft(tx, procedure="auction")) == "form-invalid"


def test_a_rulebook_has_one_envelope_or_a_technical_and_a_financial_one() -> None:
    assert read(TWO_ENVELOPES).procedures[PROPOSALS].two_envelopes
    for wrong in (b'["financial", "technical"]', b'["technical"]', b'["single", "financial"]', b"[]"):
        with pytest.raises(Refused):
            read(TWO_ENVELOPES.replace(b'["technical", "financial"]', wrong))
    with pytest.raises(Refused):
        read(TWO_ENVELOPES.replace(b'least_quality = "0.60"', b'least_quality = "1.60"'))
