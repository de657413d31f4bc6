"""What takes long to make is made once a run: the first worker that needs it makes it, the others wait and share it."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest


class Shared(NamedTuple):
    """A folder below the run's own; `to_make` says that it is not there yet."""

    folder: Path
    to_make: bool


@contextmanager
def once(factory: pytest.TempPathFactory, name: str) -> Iterator[Shared]:
    """The folder of that name. Whoever is told to make it has it to themselves, and others find it whole or not."""
    base = factory.getbasetemp()
    run = base.parent if base.name.startswith("popen-") else base
    whole = run / name
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if whole.exists():
            yield Shared(whole, to_make=False)
            return
        making = run / f"{name}-in-the-making"
        shutil.rmtree(making, ignore_errors=True)  # of somebody who failed
        yield Shared(making, to_make=True)
        making.rename(whole)
