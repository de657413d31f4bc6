"""Load: requests whose bytes are ready beforehand, each sent at its moment on a connection that is kept.

A plan is a folder: `plan` has a line for each request, in order ("moment length name"), `requests` their bytes one
after the other. `answers` comes from the sender: "name sent answered status body", moments in seconds since 1970. The
sender is wrk (https://github.com/wg/wrk, C), where it is on PATH, else a process of Python's.
"""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

HERE = Path(__file__).parent
WRK = "wrk"
PATIENCE = 180.0  # seconds after the last request for the last answer
MOST = 1000  # connections: as many as bid in the last second


class Due(msgspec.Struct, frozen=True):
    """A request, and the moment at which it is to be sent (seconds since 1970)."""

    at: float
    name: str
    request: bytes


class Answer(msgspec.Struct, frozen=True):
    """`sent` is read before the first byte leaves, `answered` after the last has come; seconds since 1970."""

    sent: float
    answered: float
    status: int
    body: str


def tool() -> str:
    """What sends, in words."""
    return WRK if shutil.which(WRK) else "a process of Python's"


def send(address: str, plan: Sequence[Due], folder: Path) -> Mapping[str, Answer]:
    """Send everything; who got no answer in time is missing in what is returned."""
    folder.mkdir()
    planned = sorted(plan, key=lambda one: one.at)
    (folder / "requests").write_bytes(b"".join(one.request for one in planned))
    (folder / "plan").write_text("".join(f"{one.at:.6f} {len(one.request)} {one.name}\n" for one in planned))
    answers, until = folder / "answers", planned[-1].at + PATIENCE
    answers.touch()
    sender = subprocess.Popen(_sender(address, folder, len(planned), until), stdout=subprocess.DEVNULL)
    while time.time() < until and sender.poll() is None and _lines(answers) < len(planned):
        time.sleep(0.2)
    sender.send_signal(signal.SIGINT)  # wrk would go on to the end of its time
    sender.wait(10)
    told = (line.split(" ", 4) for line in answers.read_text().splitlines())
    return {name: Answer(float(sent), float(at), int(status), body) for name, sent, at, status, body in told}


def _sender(address: str, folder: Path, many: int, until: float) -> list[str]:
    connections, where = str(min(MOST, many)), urlsplit(address)
    if tool() == WRK:
        seconds = f"-d{int(until - time.time())}s"
        return ["wrk", "-t1", f"-c{connections}", seconds, "-s", str(HERE / "send.lua"), address, "--", str(folder)]
    return [sys.executable, str(HERE / "sender.py"), str(where.hostname), str(where.port), connections, str(folder)]


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")


def ask(http: httpx.Client, request: bytes) -> httpx.Response:
    """Send the bytes of a request by an ordinary client."""
    head, body = request.split(b"\r\n\r\n", 1)
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return http.request(*first.split(" ")[:2], headers=headers, content=body)
