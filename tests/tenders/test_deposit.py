"""The deposit that a tender asks: within the rulebook, final once published, read by everybody."""

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tendering import (
    MODEL_LAW,
    Keys,
    Town,
    complete_draft,
    enforce,
    open_tender,
    program,
    refused,
    settle_town,
    visitor,
)

from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import read
from procurement.tenders import service
from procurement.tenders.rules import inputs
from procurement.tenders.rules.deposit import allowed_deposit, deposit_problem

RULES = read(MODEL_LAW)
NONE = read(MODEL_LAW[: MODEL_LAW.index(b"[deposit]")])
VALUE = Money(5_000_000, "EUR")  # two per cent are 1,000.00
THOUSAND = Money(100_000, "EUR")
WORDS = {"title": "Meals", "category": "services", "description": "Warm.", "value": "50000", "contract_terms": "Noon."}


def test_a_deposit_is_asked_within_the_rulebook_or_not_at_all() -> None:
    assert allowed_deposit(THOUSAND, VALUE, RULES) == THOUSAND
    assert allowed_deposit(Money(0, "EUR"), VALUE, RULES) is None
    assert allowed_deposit(None, VALUE, NONE) is None
    for deposit, value, rules in ((THOUSAND + Money(1, "EUR"), VALUE, RULES), (THOUSAND, VALUE, NONE),
                                  (THOUSAND, None, RULES)):  # fmt: skip
        with pytest.raises(Refused) as no:
            allowed_deposit(deposit, value, rules)
        assert (no.value.code, list(no.value.fields)) == ("form-invalid", ["deposit"])
    assert "1000.00 EUR" in deposit_problem(THOUSAND + Money(1, "EUR"), VALUE, RULES)


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


async def _asking(database: Database, town: Town, deposit: str) -> str:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
        about = inputs.About(title="Harbour Road", category="works", description="New asphalt.", value="1240000",
                             contract_terms="Finished in 90 days.", deposit=deposit)  # fmt: skip
        await service.save_about(tx, tender, about)
    return tender


@pytest.mark.anyio
async def test_rules_that_changed_since_the_draft_are_asked_again_at_publication(
    database: Database, town: Town
) -> None:
    tender = await _asking(database, town, "20000")
    await enforce(database, town, MODEL_LAW[: MODEL_LAW.index(b"[deposit]")].replace(b"version = 2", b"version = 3"))
    assert await refused(database, town.olga, lambda tx: service.submit(tx, Keys(), tender)) == "tender-incomplete"


@pytest.mark.anyio
async def test_a_published_deposit_is_part_of_what_bids_bind_to_and_never_changes(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    tender, keys = await _asking(database, town, "20 000,00"), Keys()
    async with database.begin(town.olga) as tx:
        await service.submit(tx, keys, tender)
    async with database.begin(town.pia) as tx:
        await service.approve(tx, keys, tender)
        (revision,) = await service.revisions(tx, tender)
    assert b'"deposit":{"amount":2000000,"currency":"EUR"}' in revision.content
    for change in ("NULL", "1"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin(town.olga) as tx:
                await tx.session.execute(text(f"UPDATE tender SET deposit_amount = {change}"))
    assert (await client.get(f"/api/v1/tenders/{tender}")).json()["deposit"] == {"amount": 2_000_000, "currency": "EUR"}
    page = (await client.get(f"/tenders/{tender}")).text
    assert "Deposit asked of every bidder" in page
    assert "article 17(3)" in page


@pytest.mark.anyio
async def test_a_tender_that_asks_none_says_nothing_of_it_and_binds_to_what_it_always_did(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    tender = await open_tender(database, town)
    async with database.begin(town.olga) as tx:
        (revision,) = await service.revisions(tx, tender)
    assert b"deposit" not in revision.content
    assert "Deposit" not in (await client.get(f"/tenders/{tender}")).text


@pytest.mark.anyio
async def test_a_drafter_reads_the_limits_and_is_told_where_they_are_passed(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    olga = await visitor(database, client, town.olga)
    begun = await olga.send("/tenders/new", title="Meals", category="services")
    page = f"{begun.headers['location']}/about"
    form = (await olga.get(page)).text
    assert "2%" in form
    assert "20\u202f000 EUR" in form.replace("\u00a0", "\u202f")
    much = await olga.send(page, **WORDS, deposit="1000.01")
    assert much.status_code == 422
    assert "at most 1000.00 EUR" in much.text
    assert 'value="1000.01"' in much.text
    assert (await olga.send(page, **WORDS, deposit="1000")).status_code == 303
    assert 'value="1000.00"' in (await olga.get(page)).text


@pytest.mark.anyio
async def test_programs_ask_a_deposit_in_the_whole_draft(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    olga = await program(database, client, town.olga)
    whole = {"title": "Meals", "category": "services", "description": "Warm.", "value": "50000",
             "contract_terms": "At noon.", "award_method": "lowest-price", "deadline": "2127-01-15T12:00:00+00:00",
             "lots": [{"title": "Meals", "items": [{"description": "A meal", "classification_id": "55321000",
                                                    "quantity": "100", "unit": "H87"}]}]}  # fmt: skip
    made = await olga.post("/api/v1/tenders", json=whole | {"deposit": "1000"})
    assert (made.status_code, made.json()["deposit"]) == (201, {"amount": 100_000, "currency": "EUR"})
    much = await olga.post("/api/v1/tenders", json=whole | {"deposit": "1000.01"})
    assert (much.status_code, list(much.json()["fields"])) == (422, ["deposit"])
