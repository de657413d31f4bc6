"""`procurement mail bounces` takes in a Maildir of returned letters."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner
from tendering import Town
from test_notices_rules import DSN
from told import Work, draft, extend

from procurement.cli import main
from procurement.infra.tx import Database
from procurement.notices.service import bounces
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


async def test_a_maildir_of_returned_letters_is_taken_in(
    database: Database,
    town: Town,
    tender: str,
    work: Work,
    owner: asyncpg.Connection,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    await work()
    sent = await owner.fetchval("SELECT id FROM mail_copy")
    folder = tmp_path / "Maildir" / "new"
    folder.mkdir(parents=True)
    report = DSN.replace("Ana@Marrow.Example", "ines@marrow.example")
    (folder / "1").write_text(report.format(to=f"bounce-{sent}@test", action="failed", status="5.1.1"))
    (folder / "2").write_text("Subject: Out of office\n\nI am on holiday.\n")
    (folder / "0").write_text("To: <@\n" + report.format(to="x", action="failed", status="5.1.1"))
    (folder / "3").write_bytes(b"\xff\x00 no letter at all")
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    run = await asyncio.to_thread(CliRunner().invoke, main, ["mail", "bounces", str(folder.parent)])
    assert run.output == "1 addresses do not take letters; 1 reports about no letter of ours; 2 other letters\n"
    async with database.begin(town.ines) as tx:
        assert not await bounces.reaches_me(tx)
