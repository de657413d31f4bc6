"""A deadline about which it is decided more than once: what was weighed before leads to no other proposal."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest
from tendering import Keys, Town
from watching import HOUR, MINUTE, broke_down, measured, near_the_deadline, propose, real_now

from procurement.fairness import service as fairness
from procurement.fairness.rules import MOST_EVIDENCE, proposal
from procurement.infra.status import seen
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.kernel.outage import Outage
from procurement.rulebooks.rules import read
from procurement.settings import asset
from procurement.tenders import service as tenders
from procurement.tenders.service import lists

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULES = read((asset("fixtures") / "rulebooks" / "model-law.toml").read_bytes())


def away(begin: int, end: int) -> Outage:
    """From and until so many minutes before noon."""
    return Outage(component="pages", source="service", began_at=NOON - begin * MINUTE, ended_at=NOON - end * MINUTE)


def test_only_what_nobody_weighed_is_worth_another_decision() -> None:
    weighed = [(NOON - 300 * MINUTE, NOON - 200 * MINUTE)]
    assert proposal(RULES, "t", NOON, [away(300, 200)], NOON, weighed) is None
    assert proposal(RULES, "t", NOON, [away(300, 191)], NOON, weighed) is None
    again = proposal(RULES, "t", NOON, [away(300, 200), away(60, 50)], NOON, weighed)
    assert again and (again.minutes, again.evidence) == (10, (away(60, 50),))


def test_the_evidence_kept_is_bounded_to_the_newest() -> None:
    many = [away(2 * place, 2 * place - 1) for place in range(300, 0, -1)]
    found = proposal(RULES, "t", NOON, many, NOON)
    assert found and found.minutes == 300 and found.evidence == tuple(many[-MOST_EVIDENCE:])


async def decline(database: Database, town: Town, tender: str, why: str = "All bidders were done.") -> None:
    async with database.begin(town.olga) as tx:
        await fairness.decline(tx, tender, why)


async def test_a_second_outage_after_a_refused_proposal_is_proposed(
    database: Database, client: httpx.AsyncClient, town: Town, tender: str, advance: "Advance"
) -> None:
    await near_the_deadline(database, tender, advance)
    await broke_down(database, 20, ended=60)
    assert await propose(database) == [tender]
    await decline(database, town, tender)
    assert await propose(database) == [], "what was weighed is decided"
    await broke_down(database, 9, ended=20)
    assert await propose(database) == [], "nine new minutes are not worth another decision"
    await broke_down(database, 4)
    assert (await propose(database), await propose(database)) == ([tender], [])
    page = (await client.get(f"/tenders/{tender}/outage")).text
    assert "has not decided yet" in page and "Decided before" in page and "All bidders were done." in page
    told = (await client.get(f"/api/v1/tenders/{tender}/outage")).json()
    assert told["proposal"]["minutes"] == 13 and [one["minutes"] for one in told["earlier"]] == [20]
    await decline(database, town, tender, "Nobody is hurt.")
    assert await propose(database) == []


async def test_what_was_reported_after_a_decision_counts_although_it_was_before(
    database: Database, town: Town, tender: str, advance: "Advance"
) -> None:
    await near_the_deadline(database, tender, advance)
    await broke_down(database, 20, ended=60)
    await propose(database)
    await decline(database, town, tender)
    await broke_down(database, 30, ended=90, source="probe:south")  # it could not reach us until now
    assert await propose(database) == [tender]


async def test_after_an_extension_the_new_deadline_can_be_proposed_anew(
    database: Database, town: Town, keys: Keys, tender: str, advance: "Advance"
) -> None:
    first = await near_the_deadline(database, tender, advance)
    await broke_down(database, 30)
    assert await propose(database) == [tender]
    async with database.begin(town.olga) as tx:
        await fairness.take(tx, tender, "The service was away.")
    async with database.begin(town.pia) as tx:
        await tenders.approve_extension(tx, keys, tender)  # type: ignore[arg-type]
    assert await propose(database) == [], "the later deadline answers this outage"
    await near_the_deadline(database, tender, advance, before=timedelta(hours=3))
    assert await propose(database) == []
    await broke_down(database, 15, ended=60, source="probe:south")  # real time stood still: nobody weighed this hour
    assert await propose(database) == [tender]
    async with database.begin(NOBODY) as tx:
        newest, before = await fairness.proposals(tx, tender)
    assert (before.deadline, before.taken) == (first, True)
    assert newest.deadline == before.later and newest.taken is None


async def test_an_outage_before_a_deadline_that_was_moved_by_hand_is_proposed_for_the_new_one(
    database: Database, town: Town, keys: Keys, tender: str, advance: "Advance"
) -> None:
    deadline = await near_the_deadline(database, tender, advance)
    await broke_down(database, 30)
    assert await propose(database) == [tender]
    async with database.begin(town.olga) as tx:
        await tenders.propose_extension(tx, tender, deadline + HOUR, "A question came late.")
    async with database.begin(town.pia) as tx:
        await tenders.approve_extension(tx, keys, tender)  # type: ignore[arg-type]
    assert await propose(database) == [tender], "nobody decided about this outage"


async def test_two_proposals_about_one_deadline_never_wait_at_once(
    database: Database, tender: str, advance: "Advance", owner: asyncpg.Connection
) -> None:
    await near_the_deadline(database, tender, advance)
    await broke_down(database, 30)
    await propose(database)
    copied = "tender_id, deadline, later, minutes, evidence, proposed_at + interval '1s', record_id"
    with pytest.raises(asyncpg.UniqueViolationError, match="outage_proposal_open"):
        await owner.execute(f"INSERT INTO outage_proposal SELECT {copied} FROM outage_proposal")


async def test_all_rulebooks_are_read_in_one_statement_and_every_batch_of_tenders(
    database: Database, tender: str, advance: "Advance", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "AT_ONCE", 1)
    await near_the_deadline(database, tender, advance)
    await broke_down(database, 30)
    assert await propose(database) == [tender], "batches end"


async def test_rows_of_an_endless_flutter_are_bounded(
    database: Database, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "MOST", 4)
    monkeypatch.setattr("procurement.infra.web.outages.MOST_SHOWN", 3)
    monkeypatch.setattr("procurement.infra.web.outages.MOST_PRINTED", 2)
    monkeypatch.setattr("procurement.infra.web.outages.AT_ONCE", 2)
    now = (await real_now(database)).replace(second=0, microsecond=0)
    looks = [(now - (20 - place) * MINUTE, place % 2 == 1) for place in range(12)]  # away six times
    await measured(database, "probe:north", *looks)
    asked = {"since": f"{now - HOUR:%Y-%m-%dT%H:%M}", "until": f"{now:%Y-%m-%dT%H:%M}"}
    page = (await client.get("/status/outages", params=asked)).text
    assert page.count("probe:north") == 3 and "3 earlier ones" in page and "/status/outages.csv?since=" in page
    rows = (await client.get("/status/outages.csv", params=asked)).text.splitlines()
    assert len(rows) == 1 + 6 and all("probe:north" in row for row in rows[1:])
    moments = {"since": (now - HOUR).isoformat(), "until": now.isoformat()}
    told = (await client.get("/api/v1/status/certificate", params=moments)).json()["certificate"]
    assert (len(told["outages"]), told["left_out"]) == (4, 2)
    assert (await client.get("/status/certificate.pdf", params=asked)).content.startswith(b"%PDF-")
