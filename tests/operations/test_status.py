"""The status page: what is measured, probed and told; and that it answers without the database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from msgspec.structs import replace
from tendering import Town, visitor

from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.status import measures, probers, service
from procurement.infra.status.prober import Prober
from procurement.infra.status.rules import Component, Seen, State, parts
from procurement.infra.status.service import Measured
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def seen(source: str, *, good: int = 0, bad: int = 0, ago: int = 0, works: bool = True) -> Seen:
    at = NOW - ago * MINUTE
    return Seen(Component.MAIL, source, at.date(), good, bad, at, works)


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([seen("service", good=9)], State.WORKS),
        ([seen("service", good=9), seen("probe:a", bad=1, works=False)], State.DISTURBED),
        ([seen("service", bad=1, works=False), seen("probe:a", bad=1, works=False)], State.DOWN),
        ([seen("service", good=9, ago=6)], State.UNKNOWN),
        ([seen("service", good=9, ago=6), seen("probe:a", bad=1, works=False)], State.DOWN),
        ([], State.UNKNOWN),
    ],
)  # fmt: skip
def test_a_part_is_as_every_observer_sees_it_now(rows: list[Seen], state: State) -> None:
    assert next(part for part in parts(rows, NOW) if part.component is Component.MAIL).state is state


@pytest.mark.parametrize(
    ("good", "bad", "state"),
    [(1440, 0, State.WORKS), (999, 1, State.WORKS), (998, 2, State.DISTURBED), (97, 3, State.DISTURBED),
     (96, 4, State.DOWN), (0, 5, State.DOWN)],
)  # fmt: skip
def test_a_day_is_the_share_of_good_measurements(good: int, bad: int, state: State) -> None:
    mail = next(one for one in parts([seen("service", good=good, bad=bad)], NOW) if one.component is Component.MAIL)
    assert mail.days[-1].state is state and mail.days[-1].share == pytest.approx(good / (good + bad))
    assert len(mail.days) == 90 and mail.days[0].state is State.UNKNOWN, "an unmeasured day is not a good one"


async def test_the_worker_measures_every_part(settings: Settings, keyholder: Path, database: Database) -> None:
    files = Files.connect("", Path(settings.data))
    now = await measures.measure(database, Keyholder(settings.keyholder_socket), files, settings)
    silent = {Component.PAGES, Component.SEARCH}  # nothing serves at http://test
    assert now.works == {one: one not in silent for one in Component}
    await measures.measure(database, Keyholder("/nowhere"), files, settings)  # a second worker, in the same minute
    async with database.begin(system("test")) as tx:
        found = {part.component: part for part in await service.standing(tx)}
    assert found[Component.OPENING].state is State.WORKS, "the same minute is counted once"
    assert found[Component.PAGES].state is State.DOWN


async def test_probes_need_the_token_and_count_once(
    settings: Settings, client: httpx.AsyncClient, serve: "Serve"
) -> None:
    moments = [datetime.now(UTC) - minutes * MINUTE for minutes in (3, 2, 1)]
    report = {"source": "elsewhere", "measured": [{"at": at.isoformat(), "works": {"pages": False}} for at in moments]}
    tokens = "elsewhere=the-token-of-elsewhere here=another-token-of-16"
    async with serve(replace(settings, probe_tokens=tokens)) as one:
        assert (await one.post("/api/v1/probes", json=report)).status_code == 403
        assert (await client.post("/api/v1/probes", json=report, headers={"x-probe-token": ""})).status_code == 403
        for _ in range(2):
            taken = await one.post("/api/v1/probes", json=report, headers={"x-probe-token": "the-token-of-elsewhere"})
            assert taken.status_code == 204, taken.text
        other = await one.post("/api/v1/probes", json=report, headers={"x-probe-token": "another-token-of-16"})
        assert other.status_code == 403, "one prober cannot report under the name of another"
        old = {"source": "elsewhere", "measured": [{"at": "2020-01-01T00:00:00Z", "works": {"pages": True}}]}
        refused = await one.post("/api/v1/probes", json=old, headers={"x-probe-token": "the-token-of-elsewhere"})
        assert refused.status_code == 422
        standing = (await one.get("/api/v1/status")).json()
    pages = next(part for part in standing["parts"] if part["component"] == "pages")
    assert pages["state"] == "down" and pages["share"] == 0.0


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("0123456789abcdef", "entry 1 has no name"),
        ("north=short", "token of north has less than 16"),
        ("north=0123456789abcdef north=fedcba9876543210", "north, or its token, stands there twice"),
        ("north=0123456789abcdef\nsouth=0123456789abcdef", "south, or its token, stands there twice"),
    ],
)
def test_a_wrong_list_of_probers_is_said_and_repeats_no_secret(setting: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong) as said:
        probers.tokens(setting)
    assert "0123" not in str(said.value) and "short" not in str(said.value)


async def test_the_prober_looks_as_a_visitor_and_keeps_what_it_cannot_report() -> None:
    prober = Prober("http://127.0.0.1:9", "elsewhere", "token")  # nobody listens there
    measured = await prober.look()
    assert set(measured.works.values()) == {False}
    assert await prober.report(measured) == "ConnectError"
    assert await prober.report(Measured(measured.at + MINUTE, measured.works)) == "ConnectError"
    assert len(prober.waiting) == 2


async def test_the_page_answers_without_the_database(settings: Settings, serve: "Serve") -> None:
    async with serve(replace(settings, database_url="postgresql+asyncpg://app@127.0.0.1:9/none")) as one:
        page = await one.get("/status")
        assert page.status_code == 503 and "Its database does not answer" in page.text
        assert (await one.get("/api/v1/status")).json()["reachable"] is False


async def test_administrators_tell_of_incidents_and_end_them(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    ada, olga = await visitor(database, client, town.ada), await visitor(database, client, town.olga)
    stranger = await visitor(database, client, None)
    empty = await ada.send("/status/incidents", title="", text="Letters arrive late.", component="mail")
    assert empty.status_code == 422 and "Letters arrive late." in empty.text
    told = await ada.send("/status/incidents", title="Late letters", text="We look for the cause.", component="mail")
    assert told.status_code == 303
    page = (await stranger.get("/status")).text
    assert "Late letters" in page and "We look for the cause." in page and "Goes on" in page
    async with database.begin(system("test")) as tx:
        [incident] = await service.incidents(tx)
    way = f"/status/incidents/{incident.id}"
    assert (await olga.send("/status", to=way, text="Not mine.")).status_code in (303, 403)
    assert (await ada.send("/status/incidents", to=way, text="It is mended.", over="yes")).status_code == 303
    page = (await stranger.get("/status")).text
    assert "It is mended." in page and "Not mine." not in page and "Goes on" not in page
    again = await ada.send("/status/incidents", to=way, text="Once more.")
    assert again.status_code == 409
