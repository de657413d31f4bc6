"""A bench measures both sides in one run, and says what is missing instead of measuring nothing."""

import pytest
from click.testing import CliRunner

from procurement import bench
from procurement.bench import pages
from procurement.cli import main
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


async def test_visitors_count_only_good_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "TURN", 0.2)
    async with pages._bare() as bare:
        assert await pages._requests(bare, ["/"]) > pages.VISITORS
        with pytest.raises(bench.CannotMeasure, match=r"/nowhere answers HTTP.* 404"):
            await pages._requests(bare, ["/", "/nowhere"])
        with pytest.raises(bench.CannotMeasure, match="shows no tender"):
            await bench.run("pages", Settings(base_url=bare))


async def test_nothing_to_measure_is_one_clear_sentence() -> None:
    with pytest.raises(bench.CannotMeasure, match="start `procurement up --demo` first"):
        await bench.run("pages", Settings(base_url="http://127.0.0.1:1"))


def test_an_unknown_bench_is_refused_with_those_there_are() -> None:
    result = CliRunner().invoke(main, ["bench", "everything"])
    assert result.exit_code == 2
    assert "choose one of: " in result.output
    assert "pages" in bench.names()


def test_more_is_better() -> None:
    assert bench.compared("pages", 50, 200, "requests/s") == bench.Result("pages", 50, 200, 0.25, "requests/s")
