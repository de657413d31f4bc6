"""A service whose answers never end neither fills the memory of whoever checks it, nor keeps a monitor waiting."""

from collections.abc import Iterator
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


@pytest.mark.parametrize(
    ("at", "fact"),
    [("0001-01-01T00:00:00+00:00", '{"number":0}'), (f"{START:%FT%TZ}", '{"number":' + "[" * 9999 + "]" * 9999 + "}")],
)
def test_a_record_that_nobody_can_read_is_told_and_ends_no_monitor(at: str, fact: str) -> None:
    log = ServedLog()
    record = canonical(Record("Counted", at, "", "nobody", "", {})).decode().replace('"fact":{}', f'"fact":{fact}')
    log.records = [record.encode()] * 2
    assert Watch(Follower(log.fetch, KEY.verifier, Bounds()), None, None, Bounds()).round(whole=False) == WRONG
