"""One practice republic for all tests of deadlines; its keyholder's clock and its database's may be put wrong."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from clocks import Clocks, told
from republic import loaded
from rushing import gather
from scene import Scene, scene
from whole_service import COMMAND, Up
from wrong_clocks import Hands, keyholder

from procurement.infra.keyholder import Keyholder

AHEAD = timedelta(minutes=30)  # the deadline
BIDDERS = 16
TENDERS = 14  # that the short forms of these tests look at, one after the other


@pytest.fixture(scope="package")
def hands() -> Iterator[Hands]:
    """The keyholder's clock."""
    folder = Path(tempfile.mkdtemp(prefix="deadline-"))  # short: the socket is in it
    yield Hands(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def up(tmp_path_factory: pytest.TempPathFactory, hands: Hands) -> Iterator[Up]:
    data = tmp_path_factory.mktemp("deadline") / "var"
    shutil.copytree(loaded(tmp_path_factory), data, symlinks=True)
    settings = ("TRUSTED_PROXY=127.0.0.1", f"KEYHOLDER_SOCKET={hands.socket}")  # it gives back each request's name
    shutil.move(data / "keyholder", hands.store)
    with keyholder(hands), Up(data, "--demo", command=("env", *settings, *COMMAND)) as up:
        up.until_ready()
        yield up
    shutil.rmtree(data.parent)


@pytest.fixture(scope="package")
async def stage(up: Up) -> AsyncIterator[Scene]:
    """The tenders of all these tests, published together: one wait for what follows from that, and one long way of the
    clock to their deadlines."""
    async with scene(up) as one:
        await one.prepare(TENDERS)
        yield one


@pytest.fixture
async def call(stage: Scene, hands: Hands) -> AsyncIterator[Scene]:
    """The scene of one test; afterwards all clocks are right again."""
    yield stage
    await stage.database_clock(0)
    hands.set(0)


@pytest.fixture
async def clocks(call: Scene, hands: Hands) -> AsyncIterator[Clocks]:
    """A tender with bidders, shortly before its deadline by every clock."""
    await call.publish()
    await call.deadline_in(AHEAD)
    deadline, _ = await call.standing()
    await told(Keyholder(hands.socket), deadline - AHEAD)
    bidders = await gather(call.owner, call.up.data, call.tender, BIDDERS)
    with httpx.Client(base_url=call.address, timeout=30) as http:
        yield Clocks(call, bidders, http)
