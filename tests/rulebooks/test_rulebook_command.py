"""`procurement rulebook load`: from a file into the store, in force only by two people."""

from pathlib import Path

import pytest
from anyio.to_thread import run_sync
from click.testing import CliRunner

from procurement.cli import main
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.rulebooks import service
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


def run(settings: Settings, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["rulebook", "load", *words], env=settings.environ())
    return result.exit_code, result.output


async def test_the_generic_rules_are_stored_and_not_in_force(settings: Settings, database: Database) -> None:
    code, said = await run_sync(lambda: run(settings))
    assert (code, said[:7]) == (0, "stored ")
    async with database.begin(NOBODY) as tx:
        assert [one.state for one in await service.every(tx)] == ["loaded"]


async def test_what_is_no_rulebook_is_refused_in_a_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("name = 7")
    code, said = await run_sync(lambda: run(settings, str(tmp_path / "wrong.toml")))
    assert code == 1 and said.startswith("Error: ")
