"""Argon2id, slow on purpose and never more than twice at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from procurement.kernel.refusal import Refused

_MEMORY, _TIME, _LANES = 65536, 3, 4  # KiB, passes, lanes: about 0.3 s of one core (RFC 9106, second choice)
_HASHER = PasswordHash((Argon2Hasher(time_cost=_TIME, memory_cost=_MEMORY, parallelism=_LANES),))
# Nobody's password: checking it costs what checking a real one costs, so an unknown address is not told by time.
_NOBODY = f"$argon2id$v=19$m={_MEMORY},t={_TIME},p={_LANES}$" + "A" * 22 + "$" + "A" * 43
# Two at a time: more would make signing in a way to stop the service.
_HASHING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
# Each who waits holds a connection to the database, of which a process has twenty: the rest are for everybody else.
MOST_AT_ONCE = 12

T = TypeVar("T")


async def hashed(password: str) -> str:
    return await _in_turn(lambda: _HASHER.hash(password))


async def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; takes as long when there is none."""
    return await _in_turn(lambda: _HASHER.verify(password, stored or _NOBODY)) and stored is not None


class _Queue:
    """How many of this process are being hashed, or wait."""

    length = 0


async def _in_turn(work: Callable[[], T]) -> T:
    """Refused("too-busy", 503) when too many wait already."""
    if _Queue.length >= MOST_AT_ONCE:
        raise Refused("too-busy", "Many people are signing in just now. Try again in a few seconds.", status=503)
    _Queue.length += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_HASHING, work)
    finally:
        _Queue.length -= 1
