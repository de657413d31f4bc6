"""One practice republic for all tests of deadlines; its keyholder's clock and its database's may be put wrong."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from republic import loaded
from scene import Scene, scene
from whole_service import COMMAND, Up
from wrong_clocks import Hands, keyholder

TENDERS = 11  # that the short forms of these tests look at, one after the other


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
