"""Legal holds: placed by one, lifted by two; and the table that says how long everything is kept."""

import asyncpg
import httpx
import pytest
from people import visiting
from tendering import Town, complete_draft, refused, settle_town

from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.retention import rules, service
from procurement.retention.service.classes import CLASSES, table

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


async def place(database: Database, town: Town, about: rules.About = "organisation", subject: str = "") -> str:
    async with database.begin(town.audun) as tx:
        return await service.place(tx, about, subject or town.harbour, "Case 12/2026 of the court")


async def types(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch("SELECT type FROM ledger_record WHERE type LIKE 'LegalHold%' ORDER BY id")
    return [row["type"] for row in rows]


async def test_one_places_a_hold_and_two_lift_it(database: Database, town: Town, owner: asyncpg.Connection) -> None:
    hold = await place(database, town)
    assert await refused(database, town.ada, lambda tx: service.lift(tx, hold)) == "lift-not-asked"
    async with database.begin(town.ada) as tx:
        await service.ask_to_lift(tx, hold, "The case is closed")
    assert await refused(database, town.abel, lambda tx: service.ask_to_lift(tx, hold, "Me too")) == "lift-asked"
    assert await refused(database, town.ada, lambda tx: service.lift(tx, hold)) == "same-person"
    async with database.begin(town.abel) as tx:
        await service.lift(tx, hold)
        lifted = await service.hold(tx, hold)
    assert (lifted.lift_asked_by, lifted.lifted_by) == (town.ada.person, town.abel.person)
    assert await refused(database, town.audun, lambda tx: service.lift(tx, hold)) == "hold-lifted"
    assert await types(owner) == ["LegalHoldPlaced", "LegalHoldLiftRequested", "LegalHoldLifted"]


async def test_a_deputy_lifts_no_hold_in_the_name_of_who_asked(
    database: Database, town: Town, owner: asyncpg.Connection
) -> None:
    hold = await place(database, town)
    async with database.begin(town.audun) as tx:
        await service.ask_to_lift(tx, hold, "The case is closed")
    house = next(org for org, role in town.audun.roles if role is Role.AUDITOR)
    lent = frozenset({(house, Role.AUDITOR, town.audun.person)})
    deputy = Actor(person=town.olga.person, roles=frozenset({(house, Role.AUDITOR)}), deputy_for=lent)
    assert await refused(database, deputy, lambda tx: service.lift(tx, hold)) == "same-person"


async def test_the_database_keeps_a_hold_as_it_was_placed(
    database: Database, town: Town, owner: asyncpg.Connection
) -> None:
    await place(database, town)
    for forbidden in ("DELETE FROM legal_hold", "UPDATE legal_hold SET subject = 'other'"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute(forbidden)


async def test_only_auditors_and_administrators_see_and_place_holds(database: Database, town: Town) -> None:
    for actor in (town.olga, town.ines):
        assert await refused(database, actor, service.holds) == "not-permitted"
        assert await refused(database, actor, service.overview) == "not-permitted"
        act = lambda tx: service.place(tx, "organisation", town.city, "Mine")  # noqa: E731  # said twice
        assert await refused(database, actor, act) == "not-permitted"


async def test_what_does_not_exist_cannot_be_held(database: Database, town: Town) -> None:
    for about in ("process", "organisation", "person"):
        act = lambda tx, about=about: service.place(tx, about, "nothing", "Why")  # noqa: E731  # one of three
        code = {"process": "tender-unknown"}.get(about, f"{about}-unknown")
        assert await refused(database, town.audun, act) == code
    act = lambda tx: service.place(tx, "organisation", town.city, "  ")  # noqa: E731  # without a reason
    assert await refused(database, town.audun, act) == "form-invalid"


async def test_a_hold_is_placed_and_lifted_on_pages(client: httpx.AsyncClient, database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
    fields = {"about": "process", "subject": tender, "reason": "The review body asked"}
    async with visiting(client, database, town.ada) as ada, visiting(client, database, town.abel) as abel:
        wrong = await ada.send("/retention", "/retention/holds", about="process", subject="none", reason="The court")
        assert wrong.status_code == 404 and "The court" in wrong.text, "what was typed is kept"
        assert (await ada.send("/retention", "/retention/holds", **fields)).status_code == 303
        page = (await ada.get("/retention")).text
        assert tender in page and "The review body asked" in page and "Bids: the sealed files" in page
        hold = page.split("/retention/holds/")[1].split("/")[0]
        await ada.send("/retention", f"/retention/holds/{hold}/ask", reason="Decided")
        assert f"/retention/holds/{hold}/lift" not in (await ada.get("/retention")).text
        assert f"/retention/holds/{hold}/lift" in (await abel.get("/retention")).text
        assert (await abel.send("/retention", f"/retention/holds/{hold}/lift")).status_code == 303
        assert "Lifted by Ada and Abel" in (await abel.get("/retention")).text


def test_the_table_and_what_the_job_can_end_are_the_same() -> None:
    named = [part for one in table() if one.ends == "job" for part in one.parts]
    assert sorted(named) == sorted(CLASSES), "fixtures/retention.toml"


def test_files_of_procurements_are_kept_at_least_as_long_as_the_directive_asks() -> None:
    kept = {one.name: one.days for one in table()}
    assert (kept["bid-files"] or 0) >= 3 * 365


def test_a_table_that_says_too_little_is_refused() -> None:
    with pytest.raises(ValueError, match="needs days"):
        rules.read('[[class]]\nname = "a"\ntitle = "A"\nsince = "now"\nbasis = "default"\n')
    with pytest.raises(ValueError, match="wrong"):
        rules.read('[[class]]\nname = "a"\nyears = 3\n')
    with pytest.raises(Refused, match="Say why"):
        rules.reason("")
