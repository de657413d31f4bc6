"""The supervisor keeps what children say, whatever they say, and tells why one did not start."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from meilisearch_server import MISSING

from procurement.infra.services import notify
from procurement.infra.services.searching import with_search
from procurement.infra.services.supervisor import Child, Failed, Supervisor
from procurement.infra.services.words import LONGEST_LINE, Log, last_words, say
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


def python(name: str, program: str) -> Child:
    return Child(name, [sys.executable, "-c", program])


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Supervisor]:
    async with Supervisor(tmp_path / "data") as house:
        yield house
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().remove_signal_handler(number)


async def test_a_line_of_three_megabytes_is_kept_whole_and_stops_nothing(house: Supervisor) -> None:
    await house.run(python("talker", "print('x' * 3_000_000); print('the end')"))
    log = (house.logs / "talker.log").read_text()
    assert log.count("x") == 3_000_000
    assert max(map(len, log.splitlines())) < 2 * LONGEST_LINE
    assert log.endswith("the end\n")


async def test_a_child_that_fails_has_the_last_word(house: Supervisor) -> None:
    with pytest.raises(Failed, match="talker failed: no bread today"):
        await house.run(python("talker", "import sys; sys.exit('no bread today')"))


async def test_a_child_that_ends_is_started_again(house: Supervisor) -> None:
    await house.start(python("mayfly", "print('born', flush=True); import time; time.sleep(0.3)"))
    log = house.logs / "mayfly.log"
    async with asyncio.timeout(10):
        while log.read_text().count("born") < 3:  # noqa: ASYNC110 (another process can set no event of ours)
            await asyncio.sleep(0.05)


async def test_a_search_engine_that_was_ended_during_its_first_start_begins_again(house: Supervisor) -> None:
    if not shutil.which("meilisearch"):
        pytest.skip(MISSING)
    (house.folder / "run").mkdir()
    half = house.folder / "meilisearch" / "data" / "auth"
    half.mkdir(parents=True)
    (half / "data.mdb").write_bytes(b"")
    searched = await with_search(house, Settings())
    assert searched.meilisearch_search_key


async def test_ready_is_when_the_process_says_so(tmp_path: Path) -> None:
    ear = notify.Ear(tmp_path / "ear")
    assert not await ear.heard()
    say = "import os; os.environ['NOTIFY_SOCKET'] = {!r}; from procurement.infra.services import notify; notify.ready()"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", say.format(str(ear.path)))
    assert await process.wait() == 0
    assert await ear.heard()
    assert not await ear.heard()
    ear.close()
    assert not ear.path.exists()


def test_a_full_log_makes_room_and_the_oldest_goes(tmp_path: Path) -> None:
    with Log(tmp_path / "a.log", full=100) as log:
        for number in range(60):
            log.write(b"%08d\n" % number)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"a.log", "a.log.1", "a.log.2", "a.log.3"}
    assert max(sizes.values()) <= 100
    assert last_words(tmp_path / "a.log") == f"00000059 ({tmp_path / 'a.log'})"
    assert (tmp_path / "a.log.1").read_text().splitlines()[-1] == f"{59 - sizes['a.log'] // 9:08}"


def test_a_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    for word in (b"one\n", b"two\n"):
        with Log(tmp_path / "a.log") as log:
            log.write(word)
    assert (tmp_path / "a.log").read_bytes() == b"one\ntwo\n"


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    with Log(Path("/dev/full")) as log:
        log.write(b"lost\n")


def test_nothing_is_said_of_a_log_without_words(tmp_path: Path) -> None:
    assert last_words(tmp_path / "none.log").startswith("it said nothing")
    (tmp_path / "empty.log").touch()
    assert last_words(tmp_path / "empty.log").startswith("it said nothing")


def test_a_terminal_that_nobody_reads_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    unread, pipe = os.pipe()
    with os.fdopen(pipe, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        for _ in range(1000):
            say("web", "x" * 5000)
        monkeypatch.undo()
    assert 0 < len(os.read(unread, 1 << 20)) <= 64 * 1024
    os.close(unread)
