"""What measurements say of outages; what follows for a deadline that is near; the certificate."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tendering import Keys, Town, refused, visitor
from watching import DAY, HOUR, MINUTE, broke_down, measured, near_the_deadline, propose

from procurement.fairness import service as fairness
from procurement.fairness.rules import proposal
from procurement.infra.status import seen as told_of
from procurement.infra.status import service as status
from procurement.infra.status.certificate import Certificate, issue
from procurement.infra.status.rules import Component
from procurement.infra.status.service import Measured
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.outage import Outage, length, spans
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.signing import must_be_signed
from procurement.rulebooks.rules import read
from procurement.settings import asset
from procurement.tenders import service as tenders

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULES = read((asset("fixtures") / "rulebooks" / "model-law.toml").read_bytes())
WATCHER = system("status")


def away(begin: int, end: int | None, component: str = "pages", source: str = "service") -> Outage:
    """From and until so many minutes before noon."""
    ended = None if end is None else NOON - end * MINUTE
    return Outage(component=component, source=source, began_at=NOON - begin * MINUTE, ended_at=ended)


def test_what_overlaps_is_counted_once() -> None:
    seen = [away(60, 50), away(55, 45, source="probe:north"), away(20, None, "submission"), away(10, 5)]
    assert length(spans(seen, NOON)) == 35 * MINUTE
    assert length(spans([], NOON)) == timedelta()


def test_an_outage_is_cut_to_the_period_that_is_asked_for() -> None:
    cut = away(90, None).within(NOON - HOUR, NOON)
    assert cut and (cut.began_at, cut.ended_at) == (NOON - HOUR, NOON)
    assert away(90, 70).within(NOON - HOUR, NOON) is None


@pytest.mark.parametrize(
    ("outages", "minutes"),
    [
        ([], None),
        ([away(30, 21)], None),  # nine minutes
        ([away(30, 20)], 10),
        ([away(30, 25), away(15, 10, "submission")], 10),
        ([away(24 * 60 + 30, 24 * 60 - 9)], None),  # before the last day
        ([away(24 * 60 + 30, 24 * 60 - 11)], 11),
        ([away(12, None)], 12),
    ],
)
def test_ten_minutes_in_the_last_day_are_worth_a_decision(outages: list[Outage], minutes: int | None) -> None:
    found = proposal(RULES, "t", NOON, outages, NOON - MINUTE if minutes is None else NOON)
    assert (found.minutes if found else None) == minutes
    if found:
        assert found.later == NOON + 3 * DAY, "the next day is a Saturday"


async def seen(
    database: Database, since: datetime, until: datetime
) -> list[tuple[str, datetime, datetime | None, bool]]:
    async with database.begin(NOBODY) as tx:
        found = (await told_of.outages(tx, since, until)).outages
    return [(one.source, one.began_at, one.ended_at, one.silent) for one in found]


async def test_an_outage_lasts_from_the_first_bad_look_to_the_next_good_one(database: Database) -> None:
    works = [True, False, False, True, True]
    looks = [(NOON + minute * MINUTE, good) for minute, good in enumerate(works)]
    await measured(database, status.OWN, *looks)
    await measured(database, status.OWN, *looks)  # told twice
    assert await seen(database, NOON, NOON + HOUR) == [(status.OWN, NOON + MINUTE, NOON + 3 * MINUTE, False)]


async def test_where_nobody_measured_nobody_can_say_that_it_worked(database: Database) -> None:
    await measured(database, status.OWN, (NOON, True), (NOON + 20 * MINUTE, True))
    await measured(database, "probe:north", (NOON, True), (NOON + 20 * MINUTE, True))
    away = [(status.OWN, NOON, NOON + 20 * MINUTE, True)]
    assert await seen(database, NOON, NOON + HOUR) == away * 2, "of each part that is measured; a prober tells later"


async def test_what_goes_on_is_told_until_the_last_look_and_a_minute_more(database: Database) -> None:
    async with database.begin(NOBODY) as tx:
        now = tx.real_now
    await measured(database, "probe:north", (now - 20 * MINUTE, False), (now - 10 * MINUTE, False))
    assert await seen(database, now - HOUR, now) == [("probe:north", now - 20 * MINUTE, now - 9 * MINUTE, False)]


async def test_a_prober_that_stopped_looking_has_seen_nothing_go_on(database: Database) -> None:
    await measured(database, "probe:north", (NOON, False), (NOON + 10 * MINUTE, False))
    until_its_last_look = ("probe:north", NOON, NOON + 10 * MINUTE, False)
    assert await seen(database, NOON - HOUR, NOON + 5 * HOUR) == [until_its_last_look]
    again = NOON + 3 * HOUR
    await measured(database, "probe:north", (again, False), (again + MINUTE, True))
    assert await seen(database, NOON - HOUR, NOON + 5 * HOUR) == [
        until_its_last_look,
        ("probe:north", again, again + MINUTE, False),
    ]


async def facts(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch("SELECT type FROM ledger_record WHERE type LIKE 'LaterDeadline%' ORDER BY id")
    return [row["type"] for row in rows]


async def test_an_outage_near_a_deadline_is_proposed_once_and_a_person_decides(
    database: Database, town: Town, keys: Keys, tender: str, advance: "Advance", owner: asyncpg.Connection,
    client: httpx.AsyncClient,
) -> None:  # fmt: skip
    deadline = await near_the_deadline(database, tender, advance)
    assert await propose(database) == [], "nothing was away"
    await broke_down(database, 30)
    assert (await propose(database), await propose(database)) == ([tender], [])
    assert await refused(database, town.ines, lambda tx: fairness.take(tx, tender, "")) in (
        "not-permitted",
        "tender-unknown",
    )
    async with database.begin(town.olga) as tx:
        await fairness.take(tx, tender, "The service was away.")
    assert await refused(database, town.olga, lambda tx: fairness.take(tx, tender, "again")) == "proposal-decided"
    async with database.begin(town.pia) as tx:
        await tenders.approve_extension(tx, keys, tender)  # type: ignore[arg-type]
    async with database.begin(NOBODY) as tx:
        moved = (await tenders.public_tender(tx, tender)).deadline
        [found] = await fairness.proposals(tx, tender)
    assert moved and moved > deadline and (found.taken, found.later, found.minutes) == (True, moved, 30)
    assert await facts(owner) == ["LaterDeadlineProposed", "LaterDeadlineDecided"]
    page = (await client.get(f"/tenders/{tender}/outage")).text
    assert "Nobody has measured an outage" in page and "probe:north" in page, "what led to it stays to be read"
    assert await refused(database, town.olga, lambda tx: fairness.decline(tx, tender, "x")) == "proposal-decided"


async def test_no_tender_is_too_far_down_the_list(
    database: Database, tender: str, advance: "Advance", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procurement.tenders.service.lists.MOST", 0)  # as behind fifty others that close before
    await near_the_deadline(database, tender, advance)
    await broke_down(database, 30)
    assert await propose(database) == [tender]


async def test_who_leaves_the_deadline_says_why(
    database: Database, client: httpx.AsyncClient, town: Town, tender: str, advance: "Advance"
) -> None:
    await near_the_deadline(database, tender, advance)
    await broke_down(database, 12)
    await propose(database)
    path = f"/tenders/{tender}/outage"
    olga, everybody = await visitor(database, client, town.olga), await visitor(database, client, None)
    assert "12 minutes" in (await everybody.get(path)).text
    assert "Ask for the later deadline" not in (await everybody.get(path)).text
    unsaid = await olga.send(path, f"{path}/decline", reason=" ")
    assert unsaid.status_code == 422 and "everybody can read it" in unsaid.text
    done = await olga.send(path, f"{path}/decline", reason="All bidders had written that they were done.")
    assert done.status_code == 303
    assert "All bidders had written that they were done." in (await everybody.get(path)).text
    told = (await client.get(f"/api/v1{path}")).json()
    assert (told["proposal"]["taken"], told["outages"][0]["source"]) == (False, "probe:north")


async def test_an_outage_that_is_over_long_before_or_is_of_mail_changes_nothing(
    database: Database, tender: str, advance: "Advance"
) -> None:
    await near_the_deadline(database, tender, advance)
    async with database.begin(WATCHER) as tx:
        now = tx.real_now
        for at, works in ((now - 30 * MINUTE, False), (now, True)):
            await status.count(tx, "probe:mail", Measured(at, {Component.MAIL: works}))
    await measured(database, "probe:old", (now - 2 * DAY, False), (now - 2 * DAY + HOUR, True))
    assert await propose(database) == []


async def test_the_certificate_says_what_was_measured_and_is_signed(
    database: Database, client: httpx.AsyncClient
) -> None:
    signer = SignerKey("test", bytes(range(32)))
    async with database.begin(WATCHER) as tx:
        now = tx.real_now.replace(second=0, microsecond=0)
    await measured(database, "probe:north", (now - 50 * MINUTE, False), (now - 20 * MINUTE, True))
    async with database.begin(NOBODY) as tx:
        issued = await issue(tx, signer, "https://tenders.example", now - HOUR, now + HOUR)
    body = issued.certificate
    assert [(one.component, one.source, one.silent) for one in body.outages] == [("submission", "probe:north", False)]
    assert body.observers == ("probe:north",) and body.until < body.since.replace(body.since[:4], "9999")
    must_be_signed(signer.private.public_key(), canonical(body), issued.signature)
    with pytest.raises(Refused, match="does not fit"):
        other = Certificate(certificate=body, signature=issued.signature)
        must_be_signed(Ed25519PublicKey.from_public_bytes(bytes(32)), canonical(other.certificate), other.signature)


async def test_anybody_reads_when_it_was_away_and_takes_the_certificate(
    database: Database, client: httpx.AsyncClient
) -> None:
    async with database.begin(WATCHER) as tx:
        now = tx.real_now
    await measured(database, "probe:north", (now - 50 * MINUTE, False), (now - 20 * MINUTE, True))
    shown = await client.get("/status/outages")
    assert "Submission of bids" in shown.text and "probe:north" in shown.text
    wrong = await client.get("/status/outages", params={"since": "yesterday"})
    assert wrong.status_code == 422 and "Choose a date and a time." in wrong.text
    ancient = [(await client.get("/status/outages", params={name: "0001-01-01T00:00"})) for name in ("since", "until")]
    assert [one.status_code for one in ancient] == [422, 422]
    long = await client.get("/status/outages", params={"since": "2020-01-01T00:00", "until": "2026-01-01T00:00"})
    assert long.status_code == 422
    asked = {"since": f"{now - HOUR:%Y-%m-%dT%H:%M}", "until": f"{now + HOUR:%Y-%m-%dT%H:%M}"}
    file = await client.get("/status/certificate.json", params=asked)
    assert file.json()["certificate"]["outages"][0]["component"] == "submission"
    paper = await client.get("/status/certificate.pdf", params=asked)
    assert paper.headers["content-type"] == "application/pdf" and paper.content.startswith(b"%PDF-")
    moments = {"since": (now - HOUR).isoformat(), "until": now.isoformat()}
    told = await client.get("/api/v1/status/certificate", params=moments)
    assert told.json()["certificate"]["outages"][0]["source"] == "probe:north"
