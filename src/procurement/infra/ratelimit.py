"""How often something may be tried, counted in Valkey in fixed windows.

Without Valkey nothing counts, so nothing that is limited goes through: it fails closed (ASVS 5.0: 2.4.1, 16.5.3).
"""

import hashlib
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
return count
"""


class Limit(msgspec.Struct, frozen=True):
    """At most `times` in each window of `seconds`, for each account, peer or whatever is counted under `name`."""

    name: str
    times: int
    seconds: int


class Limits:
    def __init__(self, redis: Redis) -> None:
        self.count = redis.register_script(COUNT)

    async def spend(self, limit: Limit, who: str) -> None:
        """Count one try. Refused("too-many") when it is one too many, Refused("unavailable") without Valkey.

        Only a hash of `who` leaves the process, so Valkey holds no address of a person or a machine.
        """
        key = f"limit:{limit.name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
        try:
            count = int(await self.count(keys=[key], args=[limit.seconds]))
        except (RedisError, OSError, TimeoutError) as lost:
            raise Refused(
                "unavailable", "This cannot be checked safely just now. Try again in a minute.", status=503
            ) from lost
        if count > limit.times:
            minutes = max(1, limit.seconds // 60)
            raise Refused("too-many", f"Too many tries. Wait {minutes} minutes, then try again.", status=429)


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
