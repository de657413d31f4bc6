"""Benches: how near a job of ours comes to what is possible on this machine, both measured in one run.

`JOBS` and `APART` name every bench. Each measures with `measure(job, settings)`, which returns a Result, or what else
it found; docs/bench.md says what each limit is, and why that one. They only read.
"""

from collections.abc import Sequence
from importlib import import_module
from statistics import quantiles
from typing import Any

import msgspec

from procurement.settings import Settings


class Result(msgspec.Struct, frozen=True):
    """`ours` and `limit` in `unit`, where more is better; `ratio` is ours / limit. p95 in milliseconds."""

    job: str
    ours: float
    limit: float
    ratio: float
    unit: str
    p95: float
    limit_p95: float


class CannotMeasure(Exception):
    """What the bench needs is not there. The message is for the person at the terminal."""


PAGES = ("home", "tenders", "tender", "tender-json", "pages")
JOBS = {page + kept: "pages" for kept in ("", "-304", "-anew") for page in PAGES}
"""Each job with the module that measures it; `make bench` runs them all."""
APART = {"ledger": "ledger", "relevance": "relevance", "search": "search", "submit": "submit"}
"""What makes a service of its own, and takes minutes."""
TAKES = {"ledger": {"seconds", "entries"}, "search": {"notices", "keep"}, "submit": {"seconds"}}
"""The options of a job, where it has some."""


def compared(job: str, ours: Sequence[float], limit: Sequence[float], seconds: float) -> Result:
    """From the seconds that each request took in that time, of both sides."""
    rates = [len(taken) / seconds for taken in (ours, limit)]
    slow = [round(quantiles(taken, n=20)[-1] * 1000, 2) for taken in (ours, limit)]
    ratio = round(rates[0] / rates[1], 3)
    return Result(job, round(rates[0], 1), round(rates[1], 1), ratio, "requests/s", *slow)


async def run(job: str, settings: Settings, **options: Any) -> msgspec.Struct:
    """`options` are those that the job's `measure` takes. Raises CannotMeasure when something that the bench needs is
    not running or not loaded."""
    result = await import_module(f"{__name__}.{(JOBS | APART)[job]}").measure(job, settings, **options)
    assert isinstance(result, msgspec.Struct)
    return result
