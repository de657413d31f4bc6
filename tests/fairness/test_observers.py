"""Observers who contradict each other, and clocks that are set: what counts as an outage, and what is told of it."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from tendering import Keys, Town
from watching import HOUR, MINUTE, measured, minutes, near_the_deadline, outages, propose, real_now

from procurement.infra.status import prober, steady
from procurement.infra.status.certificate import issue
from procurement.infra.status.service import OWN
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.outage import Outage, Sighting, length, spans, without

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NORTH, SOUTH = "probe:north", "probe:south"


def sighting(begin: int, end: int, source: str = NORTH) -> Sighting:
    """Minutes after noon."""
    return Sighting(source=source, began_at=NOON + begin * MINUTE, ended_at=NOON + end * MINUTE)


def silent(end: int, *seen: Sighting) -> Outage:
    """From noon on."""
    ended = NOON + end * MINUTE
    return Outage(component="pages", source=OWN, began_at=NOON, ended_at=ended, silent=True, contradicted=seen)


@pytest.mark.parametrize(
    ("outage", "counts"),
    [
        (silent(60), 60),  # nobody else looked
        (silent(60, sighting(0, 59)), 0),
        (silent(60, sighting(20, 30)), 60 - 20),  # it speaks for five minutes more on both sides
        (silent(60, sighting(0, 20), sighting(40, 60, SOUTH)), 10),
        (silent(4, sighting(2, 2)), 0),
    ],
)
def test_a_silence_counts_as_far_as_nobody_saw_it_work(outage: Outage, counts: int) -> None:
    assert length(spans([outage], NOON + HOUR)) == counts * MINUTE


def test_who_measured_an_outage_is_not_outvoted() -> None:
    away = Outage(component="pages", source=SOUTH, began_at=NOON, ended_at=NOON + HOUR, contradicted=(sighting(0, 60),))
    assert length(spans([away], NOON + HOUR)) == HOUR


def test_what_contradicts_is_cut_to_the_period_too() -> None:
    cut = silent(60, sighting(-5, 10), sighting(50, 70)).within(NOON + 5 * MINUTE, NOON + 40 * MINUTE)
    assert cut and cut.contradicted == (sighting(5, 10),)


def test_time_is_taken_from_time() -> None:
    hour = (NOON, NOON + HOUR)
    assert without([hour], [(NOON + 10 * MINUTE, NOON + 20 * MINUTE), (NOON + 50 * MINUTE, NOON + 2 * HOUR)]) == [
        (NOON, NOON + 10 * MINUTE),
        (NOON + 20 * MINUTE, NOON + 50 * MINUTE),
    ]


async def test_the_worker_was_away_but_others_saw_the_service_work(database: Database) -> None:
    await measured(database, NORTH, *minutes(NOON, 31))
    await measured(database, OWN, (NOON, True), (NOON + 30 * MINUTE, True))
    [away] = await outages(database, NOON, NOON + HOUR)
    assert (away.silent, away.contradicted) == (True, (sighting(0, 30),))
    assert spans([away], NOON + HOUR) == []


async def test_a_sighting_ends_with_a_bad_look_and_with_a_pause(database: Database) -> None:
    await measured(database, NORTH, *minutes(NOON, 3), (NOON + 3 * MINUTE, False), *minutes(NOON + 4 * MINUTE, 2))
    await measured(database, NORTH, *minutes(NOON + 20 * MINUTE, 2))
    await measured(database, OWN, (NOON, False), (NOON + 30 * MINUTE, True))
    [own] = [one for one in await outages(database, NOON, NOON + HOUR) if one.source == OWN]
    assert own.contradicted == (sighting(0, 2), sighting(4, 5), sighting(20, 21))


async def test_a_silence_that_others_contradict_proposes_nothing_and_is_shown_with_them(
    database: Database, client: httpx.AsyncClient, town: Town, keys: Keys, tender: str, advance: "Advance"
) -> None:
    await near_the_deadline(database, tender, advance)
    now = await real_now(database)
    await measured(database, NORTH, *minutes(now - 30 * MINUTE, 30))
    await measured(database, OWN, (now - 30 * MINUTE, True), (now - MINUTE, True))
    assert await propose(database) == []
    page = (await client.get(f"/tenders/{tender}/outage")).text
    assert "It did not measure." in page and "probe:north saw it work:" in page
    assert "Nothing that counts as a minute or more" in page
    told = (await client.get(f"/api/v1/tenders/{tender}/outage")).json()
    assert [one["contradicted"][0]["source"] for one in told["outages"]] == [NORTH]
    async with database.begin(NOBODY) as tx:
        signed = await issue(tx, SignerKey("test", bytes(32)), "https://tenders.example", now - HOUR, now)
    own = next(one for one in signed.certificate.outages if one.component == "submission")
    assert (own.silent, own.contradicted[0].source) == (True, NORTH)
    asked = {"since": f"{now - HOUR:%Y-%m-%dT%H:%M}", "until": f"{now + HOUR:%Y-%m-%dT%H:%M}"}
    assert "probe:north saw it work:" in (await client.get("/status/outages", params=asked)).text
    assert (await client.get("/status/certificate.pdf", params=asked)).content.startswith(b"%PDF-")


@pytest.mark.parametrize("source", [OWN, NORTH])
async def test_a_clock_set_forward_is_no_silence(database: Database, source: str) -> None:
    await measured(database, source, (NOON, True))
    await measured(database, source, (NOON + 21 * MINUTE, True), elapsed=60)
    assert await outages(database, NOON - HOUR, NOON + HOUR) == []


@pytest.mark.parametrize("source", [OWN, NORTH])
async def test_a_clock_set_forward_makes_no_outage_longer(database: Database, source: str) -> None:
    await measured(database, source, *minutes(NOON, 3, works=False), elapsed=60)
    await measured(database, source, *minutes(NOON + 23 * MINUTE, 2, works=False), elapsed=60)
    await measured(database, source, (NOON + 25 * MINUTE, True), elapsed=60)
    found = await outages(database, NOON - HOUR, NOON + HOUR)
    assert length(spans(found, NOON + HOUR)) == 4 * MINUTE, "the minute in which the clock was set is nobody's"


async def test_while_it_goes_on_a_clock_set_forward_adds_a_minute_at_most(database: Database) -> None:
    now = await real_now(database)
    await measured(database, OWN, (now - 22 * MINUTE, False), (now - 20 * MINUTE, False), elapsed=60)
    found = await outages(database, now - HOUR, now)  # the next look is still to come
    assert length(spans(found, now)) <= 3 * MINUTE


@pytest.mark.parametrize("works", [True, False])
async def test_a_clock_set_back_invents_nothing(database: Database, works: bool) -> None:
    """Looks wait until the clock has caught up: what began before is no longer than it was."""
    await measured(database, OWN, (NOON, True), (NOON + MINUTE, works), elapsed=60)
    back = NOON - 9 * MINUTE
    await measured(database, OWN, *minutes(back, 14), elapsed=60)
    found = await outages(database, NOON - HOUR, NOON + HOUR)
    assert length(spans(found, NOON + HOUR)) == (timedelta() if works else MINUTE)


async def test_a_pause_that_was_one_is_a_silence_whatever_the_clock_says(database: Database) -> None:
    await measured(database, OWN, (NOON, True))
    await measured(database, OWN, (NOON + 20 * MINUTE, True), elapsed=20 * 60)
    assert [one.silent for one in await outages(database, NOON - HOUR, NOON + HOUR)] == [True]


async def test_a_prober_tells_how_long_ago_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    one = prober.Prober("http://127.0.0.1:9", "north", "")  # nobody listens there
    first = await one.look()
    began = steady.seconds()
    monkeypatch.setattr(steady, "seconds", lambda: began + 60)
    second = await one.look()
    assert first.elapsed is None and second.elapsed == pytest.approx(60, abs=5)
