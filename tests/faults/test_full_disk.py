"""A disk that is full under load: whoever sends something is refused in so many words, nothing that anybody was told
is lost, and all goes on by itself once there is room.

DISKS names which (`make faults` gives all): the files, the whole data folder with the database in it, the temporary
folder.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import asyncpg
import pytest
from checker import Checker
from disks import MIB, SmallDisk, mounted
from republic import address, loaded
from scanner import files_of
from traffic import Traffic
from whole_service import COMMAND, Up, eventually

from procurement.infra.services.embedded import Postgres

DISKS = os.environ.get("DISKS", "files").split()
ROOM = 24 * MIB  # on the small disk, beyond what is there at first; the database's log takes 16 MiB at a time
CLEAR = {"storage-full", "unavailable", "http-503"}  # what may be said; the last is a page, which says it in words
REFUSED = 30.0  # seconds by which somebody is refused
BACK = 150.0  # seconds by which all goes on, once there is room
ENOUGH = 3  # bids that are acknowledged then


@contextmanager
def service(factory: pytest.TempPathFactory, disk: str) -> Iterator[tuple[Up, SmallDisk]]:
    """A practice republic of which one folder is a small disk."""
    home = factory.mktemp("republic")
    data, temporary = home / "var", home / "temporary"
    shutil.copytree(loaded(factory), data, symlinks=True)
    temporary.mkdir()
    folder = {"files": data / "files", "data": data, "temporary": temporary}[disk]
    before = folder.rename(home / "before")
    folder.mkdir()
    size = sum(path.stat().st_size for path in files_of(before)) + ROOM
    command = (*mounted(size, folder, before), "env", f"TMPDIR={temporary}", *COMMAND)
    with Up(data, "--demo", command=command) as up:
        up.until_ready()
        yield up, SmallDisk(up, folder)
    shutil.rmtree(home)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("disk", DISKS)
def test_a_full_disk_loses_nothing(tmp_path_factory: pytest.TempPathFactory, disk: str) -> None:
    with service(tmp_path_factory, disk) as (up, small):
        checker, traffic = Checker(address(up)), Traffic(address(up))
        traffic.prepare()
        with traffic:
            eventually(lambda: traffic.failures or len(traffic.submissions) >= ENOUGH, BACK)
            with small.full():
                flown = traffic.flights.answered + traffic.flights.unanswered
                if disk == "data":
                    asyncio.run(use_up_the_log(small))
                if disk != "temporary":
                    eventually(lambda: traffic.failures or bool(traffic.flights.problems), REFUSED)
                if disk != "data":
                    eventually(lambda: traffic.failures or up.get("/tenders?q=road").status_code == 200, 20)
                time.sleep(2)
                assert not traffic.failures, traffic.failures
                assert traffic.flights.answered + traffic.flights.unanswered > flown, "nobody was there to notice"
            then, at = time.monotonic(), len(traffic.submissions)
            eventually(lambda: traffic.failures or len(traffic.submissions) >= at + ENOUGH, BACK)
            took = time.monotonic() - then
        assert not traffic.failures, traffic.failures
        said = traffic.flights.problems
        assert set(said) <= CLEAR, said
        assert disk == "temporary" or said, "nobody was refused"
        print(f"full {disk}: {dict(said)}, {traffic.flights.unanswered} repeated; {ENOUGH} bids were acknowledged "
              f"{took:.1f} s after there was room")  # fmt: skip
        for found in checker.check(traffic):
            print(f"  ok  {found}")
        checker.http.close()
        traffic.close()


async def use_up_the_log(small: SmallDisk) -> None:
    """Ask the database for one new file of its log after the other, until it has no room for one."""
    data = small.inside
    url = Postgres(data, data / "run").url("postgres").replace("+asyncpg", "")
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(url)
        for _ in range(100):
            await connection.execute("CREATE TEMP TABLE IF NOT EXISTS nothing ()")
            await connection.execute("SELECT pg_switch_wal()")
            small.fill(data / "filling")
    await asyncio.sleep(1)
