"""A witness for tests: the real `procurement witness`, a process of its own that can be ended and started again."""

import subprocess
import sys
from pathlib import Path
from typing import Self

import httpx
from whole_service import eventually, free_port

from procurement.infra.ledger.witnesses import Witness
from procurement.kernel.checkpoint import VerifierKey
from procurement.witness.service import cosigner

NAME = "witness.example/w1"


class WitnessProcess:
    """It watches `logs`; its key and its memory are in `folder`. Used as a context it runs inside."""

    def __init__(self, folder: Path, *logs: VerifierKey, name: str = NAME) -> None:
        self.folder, self.logs, self.name, self.port = folder, logs, name, free_port()
        self.key = cosigner(folder, name).verifier
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def witness(self) -> Witness:
        return Witness(self.key, self.url)

    @property
    def setting(self) -> str:
        """As LEDGER_WITNESSES."""
        return f"{self.key} {self.url}"

    def __enter__(self) -> Self:
        argv = [sys.executable, "-m", "procurement", "witness", "--name", self.name, "--store", str(self.folder)]
        argv += [word for log in self.logs for word in ("--log", str(log))]
        self.process = subprocess.Popen([*argv, "--port", str(self.port)], stdout=subprocess.DEVNULL)
        eventually(self._answers, 20)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait(10)

    def _answers(self) -> bool:
        assert self.process and self.process.poll() is None, "the witness ended"
        try:
            return httpx.get(f"{self.url}/none/checkpoint").status_code == 404
        except httpx.TransportError:
            return False
