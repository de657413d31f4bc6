"""A practice republic for tests: loaded once a run, then copied for whoever wants one, which takes a second."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from once import once
from whole_service import COMMAND, GONE, Up, eventually

from procurement.infra.keys import signer
from procurement.infra.ledger.anchor import FILE
from procurement.kernel.checkpoint import VerifierKey


@contextmanager
def republic(factory: pytest.TempPathFactory, **environ: str) -> Iterator[Up]:
    """The whole service on a copy of its own, ready. `environ` are settings of its own."""
    data = factory.mktemp("republic") / "var"
    shutil.copytree(loaded(factory), data, symlinks=True)
    settings = [f"{name}={value}" for name, value in environ.items()]
    with Up(data, "--demo", command=("env", *settings, *COMMAND)) as up:
        up.until_ready()
        yield up
    shutil.rmtree(data.parent)


def log_key(factory: pytest.TempPathFactory) -> VerifierKey:
    """The public key of the log that every copy begins with."""
    data = loaded(factory)
    return signer(data / "keys" / "ledger", (data / FILE).read_text().partition("\n")[0]).verifier


def address(up: Up) -> str:
    return f"http://127.0.0.1:{up.port}"


def loaded(factory: pytest.TempPathFactory) -> Path:
    """The data folder of a loaded republic that no longer runs."""
    return _once(factory, "loaded-republic", "--demo")


def installed(factory: pytest.TempPathFactory) -> Path:
    """The data folder of a real installation that was started once, and no longer runs."""
    return _once(factory, "installed")


def _once(factory: pytest.TempPathFactory, name: str, *options: str) -> Path:
    with once(factory, name) as shared:
        if shared.to_make:
            with Up(shared.folder, *options) as up:
                up.until_ready()
                up.end()
                eventually(lambda: not up.family(), GONE)
            shutil.rmtree(shared.folder / "run", ignore_errors=True)
    return shared.folder.with_name(name)
