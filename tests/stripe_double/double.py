"""Both doubles as processes: ours, which can be killed and started again, and `localstripe` of PyPI."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
from whole_service import free_port

from procurement.infra.services.supervisor import die_with_parent

HERE = Path(__file__).parent.parent


class Double:
    """Ours. `kill` is `kill -9`; `start` begins again with everything that was answered before."""

    def __init__(self, folder: Path) -> None:
        self.port, self.journal = free_port(), folder / "stripe.jsonl"
        self.process: subprocess.Popen[bytes] | None = None
        self.http = httpx.Client(verify=False)  # loading certificates for each act would cost more than the act

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.http.close()

    def start(self) -> None:
        self.process = _process("stripe_double.server", str(self.port), str(self.journal))
        _until(self.process, f"{self.url}/_double/seen")

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def again(self) -> None:
        """Started again, after it died by itself or was killed."""
        assert self.process
        self.process.wait()
        self.start()

    def does(self, act: str, **asked: object) -> Any:
        """An act there, as `server.control` names them."""
        answer = self.http.post(f"{self.url}/_double/{act}", data={name: str(value) for name, value in asked.items()})
        answer.raise_for_status()
        return answer.json()

    def forged(self, amount: int, currency: str, **metadata: str) -> dict[str, Any]:
        """An intent that our service did not ask for, paid."""
        ours = {f"metadata[{name}]": value for name, value in metadata.items()}
        intent = self.does("intent", amount=amount, currency=currency, **ours)
        return dict(self.does("pay", id=intent["id"]))

    def objects(self, kind: str) -> list[dict[str, Any]]:
        return list(self.does("objects", kind=kind))


@contextmanager
def localstripe(folder: Path) -> Iterator[str]:
    """Its address, until the end."""
    port = free_port()
    process = _process("stripe_double.local", str(port), cwd=folder)
    _until(process, f"http://127.0.0.1:{port}/js.stripe.com/v3/")
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def _process(module: str, *words: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=partial(die_with_parent, os.getpid()),
    )


def _until(process: subprocess.Popen[bytes], address: str) -> None:
    """It answers."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the double ended with {process.returncode}"
        with suppress(httpx.TransportError):
            method = "POST" if "_double" in address else "GET"
            httpx.request(method, address, timeout=1, verify=False).raise_for_status()
            return
        time.sleep(0.03)
    raise AssertionError("the double did not get ready")
