"""A service whose answers never end neither fills the memory of whoever checks it, nor keeps a monitor waiting."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import repeat

import httpx
import pytest
from monitored import KEY, START, ServedLog

from procurement.kernel.canonical import canonical
from procurement.kernel.entry import Record
from procurement.verifier import fetching
from procurement.verifier.command import fetching as fetching_from
from procurement.verifier.log import Broken
from procurement.verifier.monitor.command import WRONG, Watch
from procurement.verifier.monitor.follow import Bounds, Follower


class Endless(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        return repeat(b" " * 1024)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    forever = httpx.MockTransport(lambda _: httpx.Response(200, stream=Endless()))
    with httpx.Client(transport=forever, base_url="http://record.example") as client:
        yield client


def test_an_answer_without_end_is_wrong(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 1 << 20)
    with pytest.raises(Broken, match="/ledger/checkpoint answers with more than"):
        fetching_from(client)("/ledger/checkpoint")


def test_an_answer_that_drips_is_none(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SLOWEST", 0.05)
    with pytest.raises(httpx.ReadTimeout):
        fetching_from(client)("/ledger/checkpoint")


class Dripping(threading.Thread):
    """A server whose answer comes a byte at a time: each one well within what the client waits for a byte."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(daemon=True)
        self.answer, self.listener = answer, socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.asked = 0

    def run(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self.listener.accept()
                self.asked += 1
                threading.Thread(target=self.drip, args=[caller], daemon=True).start()

    def drip(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            for byte in self.answer:
                caller.sendall(bytes([byte]))
                time.sleep(0.02)


PACKED = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nx-endless: " + b"a" * 2000, id="headers"),
        pytest.param(PACKED + b"\x1f\x8b\x08\x08" + b"a" * 2000, id="what unpacks to nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 2000, id="a body whose end is the connection's"),
    ],
)
def test_whatever_drips_is_hung_up_on_and_the_next_request_goes_out(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SLOWEST", 0.4)
    server = Dripping(answer)
    server.start()
    with httpx.Client(base_url=server.address, timeout=5) as client, server.listener:
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(httpx.ReadTimeout, match="is not all there after"):
                fetching_from(client)("/ledger/checkpoint")
            assert time.monotonic() - began < 3
    assert server.asked == 2


@pytest.mark.parametrize(
    ("at", "fact"),
    [("0001-01-01T00:00:00+00:00", '{"number":0}'), (f"{START:%FT%TZ}", '{"number":' + "[" * 9999 + "]" * 9999 + "}")],
)
def test_a_record_that_nobody_can_read_is_told_and_ends_no_monitor(at: str, fact: str) -> None:
    log = ServedLog()
    record = canonical(Record("Counted", at, "", "nobody", "", {})).decode().replace('"fact":{}', f'"fact":{fact}')
    log.records = [record.encode()] * 2
    assert Watch(Follower(log.fetch, KEY.verifier, Bounds()), None, None, Bounds()).round(whole=False) == WRONG
