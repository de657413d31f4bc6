"""Argon2id, slow on purpose and never more than twice at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_MEMORY, _TIME, _LANES = 65536, 3, 4  # KiB, passes, lanes: about 0.3 s of one core (RFC 9106, second choice)
_HASHER = PasswordHash((Argon2Hasher(time_cost=_TIME, memory_cost=_MEMORY, parallelism=_LANES),))
# Nobody's password: checking it costs what checking a real one costs, so an unknown address is not told by time.
_NOBODY = f"$argon2id$v=19$m={_MEMORY},t={_TIME},p={_LANES}$" + "A" * 22 + "$" + "A" * 43
# Two at a time: more would make signing in a way to stop the service.
_HASHING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


async def hashed(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_HASHING, _HASHER.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; takes as long when there is none."""
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(_HASHING, _HASHER.verify, password, stored or _NOBODY)
    return right and stored is not None
