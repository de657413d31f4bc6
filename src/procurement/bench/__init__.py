"""Benches: how near a job of ours comes to what is possible on this machine, both measured in one run.

`JOBS` names every bench. Each measures with `measure(job, settings) -> Result`; docs/bench.md says what each limit is,
and why that one. They only read.
"""

from importlib import import_module

import msgspec

from procurement.settings import Settings


class Result(msgspec.Struct, frozen=True):
    """`ours` and `limit` in `unit`, where more is better; `ratio` is ours / limit."""

    job: str
    ours: float
    limit: float
    ratio: float
    unit: str


class CannotMeasure(Exception):
    """What the bench needs is not there. The message is for the person at the terminal."""


JOBS = {"pages": "pages", "home": "pages", "search": "pages", "tender": "pages", "tender-json": "pages"}
"""Each job with the module that measures it."""


def compared(job: str, ours: float, limit: float, unit: str) -> Result:
    return Result(job, round(ours, 1), round(limit, 1), round(ours / limit, 3), unit)


async def run(job: str, settings: Settings) -> Result:
    """Raises CannotMeasure when something that the bench needs is not running or not loaded."""
    result = await import_module(f"{__name__}.{JOBS[job]}").measure(job, settings)
    assert isinstance(result, Result)
    return result
