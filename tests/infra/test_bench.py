"""A bench measures both sides in one run, and says what is missing instead of measuring nothing."""

from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from procurement import bench
from procurement.bench import _servers, pages
from procurement.bench.ledger.verifying import verified
from procurement.bench.ledger.writing import sequenced
from procurement.bench.submit import Step, told
from procurement.bench.submit.house import served
from procurement.bench.submit.sides import Bidding, Directly
from procurement.cli import main
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

BODIES = {"home.html": b"<!DOCTYPE html><title>Bare</title>", "tender.json": b'{"id": "2026-0418"}'}


async def test_visitors_count_only_good_answers() -> None:
    async with _servers.bare(BODIES) as bare:
        good = pages.Side(bare, [("/home.html", ""), ("/tender.json", "If-None-Match: *\r\n")])
        taken = await pages.requests(good, 0.2)
        assert len(taken) > pages.VISITORS
        assert 0 < min(taken) < max(taken) < 5
        with pytest.raises(bench.CannotMeasure, match=r"/nowhere answers HTTP.* 404"):
            await pages.requests(pages.Side(bare, [("/home.html", ""), ("/nowhere", "")]), 0.2)


async def test_a_service_that_runs_is_asked_and_has_to_have_a_tender() -> None:
    async with _servers.bare(BODIES) as bare:
        with pytest.raises(bench.CannotMeasure, match="shows no tender"):
            await bench.run("pages", Settings(base_url=bare))


async def test_what_does_not_start_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_servers, "free_port", lambda: -1)
    with pytest.raises(bench.CannotMeasure, match=r"`procurement up --demo --port -1 .*` ended with 1"):
        await bench.run("pages", Settings(base_url="http://127.0.0.1:1"))


async def test_both_sides_are_asked_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def requests(side: pages.Side, seconds: float) -> list[float]:
        asked.append(side.address)
        return [0.1] if side.address == "ours" else [0.2]

    monkeypatch.setattr(pages, "requests", requests)
    sides = pages.Side("ours", [("/", "")]), pages.Side("bare", [("/home.html", "")])
    assert await pages._in_turns(*sides) == [[0.1] * pages.TURNS, [0.2] * pages.TURNS]
    assert asked == ["ours", "bare"] * (pages.TURNS + 1)


def test_an_unknown_bench_is_refused_with_those_there_are() -> None:
    result = CliRunner().invoke(main, ["bench", "everything"])
    assert result.exit_code == 2
    assert "choose one of: " in result.output.replace("\n", " ").lower()
    assert "tender-json" in result.output


def test_more_is_better() -> None:
    ours, limit = [0.002] * 19 + [0.5], [0.001] * 80
    assert bench.compared("pages", ours, limit, 4.0) == bench.Result(
        "pages", 5.0, 20.0, 0.25, "requests/s", p95=475.1, limit_p95=1.0
    )


async def test_facts_are_followed_from_their_commit_to_the_signed_checkpoint(settings: Settings) -> None:
    found = await sequenced(settings, 1, 100)
    assert (found.facts, found.largest_batch >= 1) == (100, True)
    assert 0 < found.p50 <= found.p99 <= found.longest < 10_000


def test_a_large_log_is_verified_as_by_the_command() -> None:
    found = verified(20_000)
    assert found.entries == 20_000 and found.seconds > 0 and found.records_seconds > 0


def test_a_bench_takes_its_own_options_only() -> None:
    result = CliRunner().invoke(main, ["bench", "home", "--seconds", "5"])
    assert result.exit_code == 2 and "it takes no --seconds" in result.output


async def test_bidders_and_bare_rows_are_measured_on_the_same_tables(tmp_path: Path) -> None:
    async with served(str(tmp_path), 4) as made:
        ours, limit = Bidding(made, made.bidders[:2]), Directly(made, made.bidders[2:])
        async with limit.connected():
            taken = [await side.submit(2, 0.5) for side in (ours, limit)]
        connection = await asyncpg.connect(made.database)
        rows = dict(await connection.fetch("SELECT supplier_id, count(*) FROM bid GROUP BY 1"))
        kept = await connection.fetchval("SELECT count(*) FROM bid_receipt JOIN ledger_record ON id = record_id")
        await connection.close()
    for bidders, times in ((made.bidders[:2], taken[0]), (made.bidders[2:], taken[1])):
        assert len(times) == sum(rows[bidder.organisation] for bidder in bidders) >= 2
    assert kept == sum(rows.values()), "both write the bid, its record and its receipt"


def test_a_rate_that_falls_as_bidders_grow_is_not_good() -> None:
    steps = [Step(n, ours, ours * 2, 0.5, 1.0, 1.0) for n, ours in ((1, 900.0), (8, 1500.0), (64, 1340.0))]
    assert (told("submit", steps).steady, told("submit", steps[:2]).good) == (False, True)
    slow = [Step(1, 100.0, 1000.0, 0.1, 1.0, 1.0)]
    assert (told("submit", slow).steady, told("submit", slow).good) == (True, False)
