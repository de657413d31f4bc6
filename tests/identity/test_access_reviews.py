"""Reviews of access: what is shown, what is kept and ended, when they are due, and the file."""

from datetime import UTC, datetime

import asyncpg
import pytest
from browsing import Browser, Republic, facts
from hypothesis import given
from hypothesis import strategies as st
from office import Office

from procurement.identity.rules import access as rules
from procurement.identity.service import access_reviews, delegations
from procurement.infra.tx import Database
from procurement.infra.web.csv_file import csv_text, safe
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio
PAGE = "/organisation/review"
HALF_A_YEAR_AGO = "UPDATE organisation SET created_at = clock_timestamp() - interval '7 months'"
TOO_LONG_AGO = "UPDATE access_review SET reviewed_at = clock_timestamp() - interval '7 months'"


async def ids(office: Office) -> dict[tuple[str, Role], str]:
    async with office.database.begin(await office.actor(office.mara)) as tx:
        found = await access_reviews.access(tx, office.city)
        lent = await delegations.ours(tx, office.city)
    roles = {(one.person, held.role): held.id for one in found for held in one.holdings}
    return roles | {(one.deputy, one.role): one.id for one in lent}


async def test_a_review_keeps_what_is_not_ticked_and_ends_the_rest(office: Office) -> None:
    await office.lend(office.pia, office.ugo, Role.APPROVER)
    there = await ids(office)
    ended = [there[office.ugo, Role.APPROVER], there[office.olga, Role.OFFICER]]
    async with office.database.begin(await office.actor(office.mara)) as tx:
        await access_reviews.review(tx, office.city, list(there.values()), ended)
        state = await access_reviews.state(tx, office.city)
        assert state.last and not state.is_due(tx.real_now)
    assert (await office.actor(office.ugo)).roles == {(office.city, Role.EVALUATOR)}
    assert not (await office.actor(office.olga)).roles
    assert (await facts(office.database))[-3:] == ["DelegationEnded", "MembershipEnded", "AccessReviewed"]


async def test_a_role_given_meanwhile_is_not_confirmed_unseen(office: Office) -> None:
    there = await ids(office)
    await office.lend(office.pia, office.ugo, Role.APPROVER)
    async with office.database.begin(await office.actor(office.mara)) as tx:
        with pytest.raises(Refused) as no:
            await access_reviews.review(tx, office.city, list(there.values()), [])
    assert no.value.code == "review-outdated"


async def test_a_review_leaves_an_owner(office: Office) -> None:
    there = await ids(office)
    async with office.database.begin(await office.actor(office.mara)) as tx, tx.trying() as tried:
        await access_reviews.review(tx, office.city, list(there.values()), [there[office.mara, Role.OWNER]])
    assert tried.refused and tried.refused.code == "last-owner"
    assert (office.city, Role.OWNER) in (await office.actor(office.mara)).roles


async def test_an_overdue_review_is_seen_by_auditors_until_it_is_done(
    office: Office, owner: asyncpg.Connection
) -> None:
    auditor = Actor(person=office.pia, roles=frozenset({(office.city, Role.AUDITOR)}))

    async def overdue() -> list[str]:
        async with office.database.begin(auditor) as tx:
            return [one.name for one in await access_reviews.overdue(tx)]

    assert await overdue() == []
    await owner.execute(HALF_A_YEAR_AGO)
    assert await overdue() == ["City of Marrow"]  # suppliers look after themselves
    there = await ids(office)
    async with office.database.begin(await office.actor(office.mara)) as tx:
        await access_reviews.review(tx, office.city, list(there.values()), [])
    assert await overdue() == []
    await owner.execute("ALTER TABLE access_review DISABLE TRIGGER access_review_is_final")
    await owner.execute(TOO_LONG_AGO)
    assert await overdue() == ["City of Marrow"]
    async with office.database.begin(await office.actor(office.mara)) as tx:
        with pytest.raises(Refused, match="does not allow"):
            await access_reviews.overdue(tx)


async def test_the_page_and_the_file_show_everybody(
    browser: Browser, republic: Republic, owner: asyncpg.Connection, database: Database
) -> None:
    await owner.execute("UPDATE person SET name = '=cmd|calc' WHERE id = $1", republic.tom)
    await browser.sign_in("ines@marrow.example")
    shown = (await browser.get(PAGE)).text
    assert "=cmd|calc" in shown and "Password alone" in shown
    file = await browser.get(f"{PAGE}.csv")
    assert '"\'=cmd|calc"' in file.text and file.headers["content-disposition"].startswith("attachment")
    seen = [
        row["id"] for row in await owner.fetch("SELECT id FROM membership WHERE organisation = $1", republic.harbour)
    ]
    toms = await owner.fetchval("SELECT id FROM membership WHERE person = $1", republic.tom)
    assert (await browser.send(PAGE, seen=seen[:-1], ended=toms)).status_code == 409
    assert (await browser.send(PAGE, seen=seen, ended=toms)).status_code == 303
    assert "=cmd|calc" not in (await browser.get(PAGE)).text
    assert (await facts(database))[-1] == "AccessReviewed"


@given(st.lists(st.text(), min_size=1))
def test_no_cell_of_a_file_is_a_formula(cells: list[str]) -> None:
    assert not any(safe(cell)[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") for cell in cells if cell)
    assert csv_text(cells, [cells]).startswith('"')


def test_a_month_without_that_day_ends_on_its_last() -> None:
    assert rules.due(datetime(2026, 8, 31, 9, tzinfo=UTC), 6) == datetime(2027, 2, 28, 9, tzinfo=UTC)
