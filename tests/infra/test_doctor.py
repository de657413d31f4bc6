"""The doctor finds what is wrong, says what to do, and changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from procurement.cli import main
from procurement.infra.doctor import State, examine, finding, machine, neighbours, smoke
from procurement.infra.doctor.smoke import EXPECTED
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


async def states(settings: Settings) -> dict[str, State]:
    return {found.about: found.state for found in await examine(settings)}


async def text(settings: Settings, about: str) -> str:
    return " ".join(found.line() for found in await examine(settings) if found.about == about)


async def test_a_healthy_service_has_nothing_broken(settings: Settings, keyholder: Path) -> None:
    found = await states(settings)
    # The tests' database is careless of power cuts, so that tests are quick: a real finding.
    assert {about for about, state in found.items() if state is State.BROKEN} == {"database", "address"}
    assert "may lose what it acknowledged" in await text(settings, "database")
    assert found["keyholder"] is found["schema"] is found["valkey"] is found["installation"] is State.OK


async def test_nothing_configured_is_advice_for_each_thing_needed() -> None:
    found = await states(Settings())
    assert {about for about, state in found.items() if state is State.BROKEN} == {"database", "valkey", "keyholder"}
    assert "start `procurement up`" in await text(Settings(), "database")


async def test_what_does_not_answer_is_named(tmp_path: Path) -> None:
    nowhere = Settings(
        database_url=f"postgresql+asyncpg://app@/procurement?host={tmp_path}",
        redis_url=f"unix://{tmp_path}/valkey.sock",
        keyholder_socket=f"{tmp_path}/keyholder.sock",
        smtp_url="smtp://127.0.0.1:1",
        files_url="s3:",
    )
    found = await states(nowhere)
    assert {about for about, state in found.items() if state is State.BROKEN} == {
        "database", "valkey", "keyholder", "mail", "files",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["database_url", "owner_database_url", "sequencer_database_url"])
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://app:x@127.0.0.1/procurement", "must begin with postgresql+asyncpg://"),
        ("db.example", "is no address"),
        ("postgresql+asyncpg://app:x@127.0.0.1:1/procurement", "is it started"),
    ],
)
async def test_each_address_of_the_database_is_tried(settings: Settings, name: str, address: str, told: str) -> None:
    said = await text(replace(settings, **{name: address}), "database")
    assert told in said and name.upper() in said
    assert "psycopg" not in said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Error: <Code>NoSuchBucket</Code>\n\nDebug source:\nGeneric {", "there is no such bucket"),
        ("in 19µs - HTTP error: builder error\n\nDebug source:\n source: BadScheme,", "AWS_ALLOW_HTTP=true"),
        ("what nobody saw before\n\nDebug source:\nGeneric {", "what nobody saw before: are FILES_URL"),
    ],
)
def test_of_the_files_one_line_says_what_to_do(said: str, told: str) -> None:
    line = neighbours._why("s3://procurement-files/live", said)
    assert told in line and "\n" not in line and "Debug" not in line


async def test_the_prefix_of_the_example_file_is_none(settings: Settings) -> None:
    assert "an example" in await text(replace(settings, ocid_prefix="ocds-xxxxxx"), "country")
    assert "an example" not in await text(replace(settings, ocid_prefix="ocds-a1b2c3"), "country")


async def test_an_older_schema_is_brought_up_to_date(settings: Settings, owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE alembic_version SET version_num = '0001'")
    assert "run `procurement migrate`" in await text(settings, "schema")
    await owner.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "install the newer program" in await text(settings, "schema")


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("https://tenders.example", State.OK),
        ("http://localhost:8000", State.ADVICE),
        ("http://[::1]:8000", State.ADVICE),
        ("http://tenders.example", State.BROKEN),
        ("tenders.example", State.BROKEN),
    ],
)
async def test_browsers_seal_bids_only_over_https(address: str, state: State) -> None:
    (found,) = await machine.address(Settings(base_url=address))
    assert found.state is state


async def test_names_that_do_not_exist(settings: Settings) -> None:
    found = await states(replace(settings, official_timezone="Marrow/Capital", locale="xx_MARROW"))
    assert found["time zone"] is found["language"] is State.BROKEN


def test_the_command_fails_when_something_needed_is_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA", str(tmp_path))
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert " broken  database: none: start `procurement up`, or set DATABASE_URL.\n" in result.output
    assert list(tmp_path.iterdir()) == [], "a doctor only looks"


@pytest.fixture
async def stranger() -> AsyncIterator[str]:
    """Some other server, which knows no page of ours."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_the_smoke_test_knows_a_stranger(stranger: str) -> None:
    found = await smoke(Settings(base_url=stranger))
    assert [one.about for one in found] == [path for path, _, _ in EXPECTED]
    assert all(one.state is State.BROKEN for one in found)


async def test_the_smoke_test_says_when_nobody_answers() -> None:
    found = await smoke(Settings(base_url="http://127.0.0.1:1"))
    assert all("is it started?" in one.text for one in found)


def test_a_finding_is_one_line() -> None:
    assert finding.ok("files", "fine.").line() == "     ok  files: fine."
