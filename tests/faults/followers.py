"""Two who follow the feed and know only what it told them: one by long poll, one by a stream of events."""

import random
import threading
import time
from pathlib import Path

import httpx
import msgspec
from republic import address
from whole_service import Up, eventually

from procurement.client import Change, Client
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.entry import Record
from procurement.verifier import log as logs

REST = 0.2  # seconds before a stream that ended is asked for again
SETTLED = 30.0  # seconds after the last word by which every follower has heard it


class Follower:
    """`seen` holds what was told, by index; `at` when it was told first."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: dict[int, Change] = {}
        self.at: dict[int, float] = {}
        self.newest = -1  # no index between two that were told may be missing
        self.again = self.begun = 0
        self.failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._follow_for_ever, daemon=True)
        self._thread.start()

    def follow(self) -> None:
        raise NotImplementedError

    def told(self, change: Change) -> None:
        """Nothing is left out, and nothing is told otherwise the second time, but for what was disclosed meanwhile."""
        before = self.seen.get(change.index)
        assert change.index <= self.newest + 1, f"after {self.newest} came {change.index}"
        same = before is None or before.hidden or change.hidden or before == change
        assert same, f"{change.index} was told otherwise before"
        self.again += before is not None
        self.newest = max(self.newest, change.index)
        if before is None or before.hidden:
            self.seen[change.index] = change
        self.at.setdefault(change.index, time.monotonic())

    def _follow_for_ever(self) -> None:
        while not self.failures:
            self.begun += 1
            try:
                self.follow()
            except BaseException as failure:  # a thread's failure is the test's
                self.failures.append(failure)


class Polling(Follower):
    """The client's own iterator, with a saved position; now and then it is dropped on the way and begun again."""

    def __init__(self, url: str, saved: Path) -> None:
        self.saved = saved
        super().__init__(url)

    def follow(self) -> None:
        with Client(self.url) as client:
            for change in client.feed(saved=self.saved, wait=10):
                self.told(change)
                if random.random() < 0.01:
                    return


class Streaming(Follower):
    """Server-sent events over a bare connection, as a browser reads them."""

    last = -1

    def follow(self) -> None:
        headers = {"last-event-id": str(self.last)}
        try:
            with httpx.stream("GET", f"{self.url}/api/v1/feed/stream", headers=headers, timeout=30) as answer:
                assert answer.status_code in (200, 429, 503), f"{answer.status_code}: {answer.read()!r}"
                for line in answer.iter_lines() if answer.status_code == httpx.codes.OK else ():
                    if line.startswith("id: "):
                        index = int(line[4:])
                    elif line.startswith("data: "):
                        self.told(msgspec.json.decode(line[6:], type=Change))
                        self.last = index
        except httpx.TransportError:
            pass
        time.sleep(REST)


def heard_all(up: Up, followers: list[Follower]) -> None:
    """Wait until each was told of everything that the log holds now, with nothing missing between."""
    with Client(address(up)) as client:
        newest = int(client.checkpoint().splitlines()[1]) - 1
    for follower in followers:
        eventually(lambda one=follower: one.failures or one.newest >= newest, SETTLED)
        assert not follower.failures, follower.failures
        assert sorted(follower.seen) == list(range(follower.newest + 1)), "an index is missing"


def agree(up: Up, followers: list[Follower]) -> str:
    """All were told the same, which is what the signed log holds."""
    size = min(follower.newest for follower in followers) + 1
    with Client(address(up)) as client:
        eventually(lambda: int(client.checkpoint().splitlines()[1]) >= size, SETTLED)
        log = logs.read(client.fetch, VerifierKey.parse(client.keys().checkpoints))
        entries = list(logs.served(client.fetch, 0, size))
    assert len(entries) == size
    for entry in entries:
        logs.must_belong(log, entry)
        for change in (follower.seen[entry.index] for follower in followers):
            if change.hidden:
                continue
            held = msgspec.json.decode(entry.record, type=Record)
            assert (change.type, change.process, change.fact) == (held.type, held.process, held.fact)
    return f"{len(followers)} followers and the signed log agree on {size} entries"
