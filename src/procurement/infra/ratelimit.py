"""How often something may be tried, counted in Valkey in fixed windows.

Two kinds of limit, which differ when nobody can count. Those that keep secrets from being guessed fail closed: without
Valkey nothing of that kind goes through (`spend`; ASVS 5.0: 2.4.1, 16.5.3). Those that only keep room for others fail
open (`count`): a lost counter must neither close the public record nor keep a bid out at its deadline.
"""

import hashlib
import time
from ipaddress import ip_address, ip_network
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from redis.asyncio import Redis
from redis.exceptions import RedisError

from procurement.kernel.refusal import Refused

# Counting and the window's end are one step: a count that never ends would lock somebody out for ever.
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""
BLIND = 5.0  # seconds for which `count` does not ask again after nobody could: readers are not to wait for it each time


class Limit(msgspec.Struct, frozen=True):
    """At most `times` in each window of `seconds`, for each account, peer or whatever is counted under `name`."""

    name: str
    times: int
    seconds: int


class Counted(msgspec.Struct, frozen=True):
    """What is left of a window that ends in `seconds`; less than nothing when this was one too many."""

    limit: Limit
    left: int
    seconds: int

    def must_be_left(self) -> None:
        """Refused("too-many", 429), with the time until the window's end."""
        if self.left >= 0:
            return
        minutes = -(-self.seconds // 60)
        wait = "Wait a minute" if minutes <= 1 else f"Wait {minutes} minutes"
        raise Refused("too-many", f"Too many tries. {wait}, then try again.", status=429, retry_after=self.seconds)


class Limits:
    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(COUNT)
        self._blind_until = 0.0

    async def spend(self, limit: Limit, who: str) -> None:
        """Count one try. Refused("too-many", 429) for one too many, Refused("unavailable", 503) without Valkey."""
        try:
            counted = await self._count(limit, who)
        except (RedisError, OSError, TimeoutError) as lost:
            raise Refused(
                "unavailable", "This cannot be checked safely just now. Try again in a minute.", status=503
            ) from lost
        counted.must_be_left()

    async def count(self, limit: Limit, who: str) -> Counted | None:
        """Count one try of what only needs room; None when nobody can count."""
        if time.monotonic() < self._blind_until:
            return None
        try:
            return await self._count(limit, who)
        except (RedisError, OSError, TimeoutError):
            self._blind_until = time.monotonic() + BLIND
            return None

    async def _count(self, limit: Limit, who: str) -> Counted:
        """Only a hash of `who` leaves the process, so Valkey holds no address of a person or a machine."""
        key = f"limit:{limit.name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
        count, seconds = await self._script(keys=[key], args=[limit.seconds])
        return Counted(limit, limit.times - int(count), max(1, int(seconds)))


def peer(connection: ASGIConnection[Any, Any, Any, Any], trusted_proxy: str) -> str:
    """The real other end. X-Forwarded-For counts only when our own proxy, by address, added to it.

    An IPv6 network of 64 bits is one peer: its addresses cost nothing.
    """
    host = connection.client.host if connection.client else ""
    if trusted_proxy and host == trusted_proxy:
        host = connection.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or host
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(address) if address.version == 4 else str(ip_network(f"{address}/64", strict=False))
