"""A real Meilisearch for tests: the one of MEILISEARCH_URL and MEILISEARCH_MASTER_KEY, or a binary found on PATH.

Without either the tests that need it are skipped, and say so. `Meilisearch` is one of a test's own, to be killed and
started again; the fixture `meilisearch` in real_parts.py is shared by a whole run, where each test uses a prefix of its
own.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Self

import httpx
import pytest
from whole_service import free_port

from procurement.infra.services.supervisor import die_with_parent

MISSING = (
    "NO MEILISEARCH: what needs a real one is not tested. Set MEILISEARCH_URL and MEILISEARCH_MASTER_KEY, or put a "
    "`meilisearch` 1.50 on PATH."
)


class Meilisearch:
    """A server on a free port of this machine; its data outlives `kill`, and `forget` begins without any."""

    def __init__(self) -> None:
        self.binary = shutil.which("meilisearch") or pytest.skip(MISSING)
        memory = Path("/dev/shm")
        self.folder = tempfile.TemporaryDirectory(prefix="meilisearch-", dir=memory if memory.exists() else None)
        self.port, self.master_key = free_port(), "a-master-key-for-tests-only"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it answers."""
        data = Path(self.folder.name) / "data"
        argv = [self.binary, "--db-path", data, "--http-addr", f"127.0.0.1:{self.port}", "--no-analytics",
                "--max-indexing-memory", "100MiB", "--max-indexing-threads", "1", "--log-level", "ERROR"]  # fmt: skip
        env = {"PATH": os.environ["PATH"], "MEILI_MASTER_KEY": self.master_key}
        preexec = partial(die_with_parent, os.getpid())
        self.process = subprocess.Popen(argv, env=env, cwd=self.folder.name, preexec_fn=preexec)
        until = time.monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None, f"meilisearch ended with {self.process.returncode}"
            assert time.monotonic() < until, "meilisearch did not get ready"
            time.sleep(0.02)

    def kill(self) -> None:
        """As `kill -9` and a power cut of that process do."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def forget(self) -> None:
        """Its data folder is lost."""
        self.kill()
        shutil.rmtree(Path(self.folder.name) / "data", ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.folder.cleanup()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False


class Given(Meilisearch):
    """The one that the environment names: it is not ours to start, or to kill."""

    def __init__(self) -> None:
        self.given, self.master_key = os.environ["MEILISEARCH_URL"], os.environ.get("MEILISEARCH_MASTER_KEY", "")

    @property
    def url(self) -> str:
        return self.given

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def one_for_the_run() -> Meilisearch:
    return Given() if os.environ.get("MEILISEARCH_URL") else Meilisearch()
