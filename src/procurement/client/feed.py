"""Following the log from a program: for ever, from where it was left."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from procurement.client.answers import Change, ChangePage
from procurement.client.calls import API, FIRST_PAUSE, LONGEST_PAUSE, Calls, Query
from procurement.client.problem import Problem

BEGINNING = -1  # the position before the first entry
WAIT = 30.0  # seconds that the service may hold one question back
MARGIN = 15.0  # seconds more that its answer may take
PAGE = 500


def page(
    calls: Calls, after: int, *, types: Iterable[str] = (), process: str = "", wait: float = 0, limit: int = PAGE
) -> ChangePage:
    """The changes above index `after`; with `wait` the answer comes when there is one, or after so many seconds."""
    query: Query = {"after": after, "limit": limit, "wait": wait, "process": process, "type": list(types)}
    answer = calls.send("GET", f"{API}/feed", query=query, timeout=wait + MARGIN)
    return msgspec.json.decode(answer.content, type=ChangePage)


def follow(
    calls: Calls,
    after: int | None,
    saved: Path | None,
    types: Iterable[str] = (),
    process: str = "",
    wait: float = WAIT,
) -> Iterator[Change]:
    """Every change, the next one as soon as it is there; it never ends by itself.

    It begins above `after`, or where the file `saved` says, or at the beginning. A change counts as read when the next
    one is asked for: whoever stops on the way is given it again. While the service is away it waits, and goes on.
    """
    position = _position(saved) if after is None else after
    asked, pause = list(types), FIRST_PAUSE
    while True:
        try:
            found = page(calls, position, types=asked, process=process, wait=wait)
        except Problem as away:
            if away.status and away.retry_after is None and away.status < 500:
                raise
            time.sleep(min(away.retry_after or pause, LONGEST_PAUSE))
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        pause = FIRST_PAUSE
        for change in found.changes:
            yield change
            position = _keep(saved, change.index)
        if found.next > position:
            position = _keep(saved, found.next)


def _position(saved: Path | None) -> int:
    with suppress(FileNotFoundError):
        return int(saved.read_text()) if saved else BEGINNING
    return BEGINNING


def _keep(saved: Path | None, position: int) -> int:
    """The old position or the new one, whatever happens meanwhile."""
    if saved:
        new = saved.with_name(saved.name + ".new")
        new.write_text(str(position))
        os.replace(new, saved)
    return position
