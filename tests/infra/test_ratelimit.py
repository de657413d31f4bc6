"""Limits: counted by account and by the real other end, and closed when nobody can count."""

import asyncio

import pytest
from litestar.connection import ASGIConnection
from redis.asyncio import Redis

from procurement.infra.ratelimit import Limit, Limits, peer
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio
THREE = Limit("three", 3, 60)


async def test_the_fourth_try_of_three_is_refused_and_others_are_not_counted_with_it(valkey_url: str) -> None:
    async with Redis.from_url(valkey_url) as redis:
        limits = Limits(redis)
        for _ in range(3):
            await limits.spend(THREE, "ines@marrow.example")
        with pytest.raises(Refused) as no:
            await limits.spend(THREE, "ines@marrow.example")
        assert (no.value.code, no.value.status) == ("too-many", 429)
        await limits.spend(THREE, "tom@marrow.example")
        await limits.spend(Limit("another", 3, 60), "ines@marrow.example")


async def test_tries_at_the_same_moment_are_all_counted_and_the_count_ends(valkey_url: str) -> None:
    async with Redis.from_url(valkey_url) as redis:
        limits = Limits(redis)
        tries = [limits.spend(THREE, "ines") for _ in range(30)]
        refused = [one for one in await asyncio.gather(*tries, return_exceptions=True) if one]
        assert len(refused) == 27
        [key] = await redis.keys("*")
        assert 0 < await redis.ttl(key) <= 60 and b"ines" not in key


async def test_without_valkey_nothing_goes_through() -> None:
    async with Redis.from_url("unix:///nowhere/at.all") as redis:
        with pytest.raises(Refused) as no:
            await Limits(redis).spend(THREE, "ines")
    assert (no.value.code, no.value.status) == ("unavailable", 503)


@pytest.mark.parametrize(
    "other_end, forwarded, trusted, counted",
    [
        ("203.0.113.9", "", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "10.0.0.1", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "10.0.0.1", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "", "2001:db8:1:2::/64"),
    ],
)
def test_only_our_own_proxy_says_where_somebody_is(other_end: str, forwarded: str, trusted: str, counted: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope = {"type": "http", "client": (other_end, 1), "headers": headers, "path": "/", "query_string": b""}
    assert peer(ASGIConnection(scope), trusted) == counted  # type: ignore[arg-type]  # the part that is read


async def test_what_only_needs_room_goes_on_without_valkey() -> None:
    async with Redis.from_url("unix:///nowhere/at.all") as redis:
        assert await Limits(redis).count(THREE, "anybody") is None


async def test_who_was_refused_is_told_when_the_window_ends(valkey_url: str) -> None:
    async with Redis.from_url(valkey_url) as redis:
        limits = Limits(redis)
        for _ in range(3):
            await limits.spend(THREE, "ines")
        await redis.expire((await redis.keys("*"))[0], 7)
        with pytest.raises(Refused) as no:
            await limits.spend(THREE, "ines")
        assert 1 <= no.value.retry_after <= 7
