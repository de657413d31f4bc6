"""Benches: how near a job of ours comes to what is possible on this machine, both measured in one run.

Each module here is a bench of its name with `async def measure(settings) -> Result`; its docstring says what the
limit is, and why that one. They only read.
"""

import pkgutil
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


def compared(job: str, ours: float, limit: float, unit: str) -> Result:
    return Result(job, round(ours, 1), round(limit, 1), round(ours / limit, 3), unit)


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


async def run(name: str, settings: Settings) -> Result:
    """Raises CannotMeasure when something that the bench needs is not running or not loaded."""
    result = await import_module(f"{__name__}.{name}").measure(settings)
    assert isinstance(result, Result)
    return result
