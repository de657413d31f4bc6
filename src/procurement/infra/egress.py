"""Calls to addresses that other people chose: to the public internet, and nowhere else (ASVS 5.0: 13.2.4, 13.2.5).

A name is resolved once. Every address that it has must be public, and the connection goes to one of these addresses,
not to the name: a name that leads elsewhere a moment later (DNS rebinding) gains nothing. TLS and `Host` still speak of
the name. Redirects are not followed, proxies of the environment are not used, no connection is used twice.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Self

import httpx
import msgspec

from procurement.settings import Settings

CONNECT = 3.0  # seconds for the name and the connection
PATIENCE = 10.0  # seconds between two pieces of an answer
MOST = 64 * 1024  # bytes of an answer that are read

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# IANA's registries of special-purpose addresses; the interpreter's own table differs between versions.
_SPECIAL = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # a public number behind which a large cloud keeps the services of its machines
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",  # Teredo and others, documentation, 6to4
    )
)  # fmt: skip
_GLOBAL_V6 = ip_network("2000::/3")  # what lies outside is private, link-local, mapped, translated (NAT64) or multicast
_names = ThreadPoolExecutor(32, thread_name_prefix="names")  # its own: slow name servers hold up no other work


class Forbidden(httpx.TransportError):
    """This address is not called. The text says why, in words for whoever chose it."""


class Rules(msgspec.Struct, frozen=True):
    """Which addresses may be called. `local` adds plain http to this machine: only ever in a sandbox."""

    ports: frozenset[int] = frozenset({443})
    local: bool = False

    @classmethod
    def of(cls, settings: Settings, *, sandbox: bool) -> Self:
        return cls(frozenset(map(int, settings.webhook_ports.split(","))), sandbox and settings.webhooks_local)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, for one receiver."""
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    return not any(address in block for block in _SPECIAL if block.version == address.version)


def checked(given: str, rules: Rules) -> httpx.URL:
    """The address as it is called. Raises Forbidden for what can be refused without asking for the name."""
    try:
        url = httpx.URL(given)
    except httpx.InvalidURL:
        raise Forbidden("This is not a web address.") from None
    if url.scheme not in ("https", "http") or not url.host:
        raise Forbidden("Write an address that begins with https://.")
    if url.scheme == "http" and not rules.local:
        raise Forbidden("Only https is called, so that nobody on the way can read or change what is sent.")
    if url.userinfo or url.fragment:
        raise Forbidden("Leave out the user name, the password and everything from # on.")
    if url.scheme == "https" and (443 if url.port is None else url.port) not in rules.ports:
        raise Forbidden(f"Only these ports are called: {', '.join(map(str, sorted(rules.ports)))}.")
    if literal := _literal(url.host):
        _must_be_allowed(url, [literal], rules)
    elif "." not in url.host.rstrip(".") and not (rules.local and url.scheme == "http"):
        raise Forbidden("Write a full name, like hooks.example.org.")
    return url


async def resolved(host: str, port: int) -> Sequence[str]:
    """Every address of a name. Raises OSError when it has none."""
    asked = asyncio.get_running_loop().run_in_executor(
        _names, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    return list(dict.fromkeys(str(found[4][0]) for found in await asked))


class Guarded(httpx.AsyncBaseTransport):
    """A transport that asks for a name itself, looks at what it leads to, and connects to exactly that."""

    def __init__(self, rules: Rules, resolve: Resolve = resolved, trust: ssl.SSLContext | None = None) -> None:
        self.rules, self.resolve = rules, resolve
        # A kept connection could serve another name at the same address, whose certificate nobody looked at.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self.inner = httpx.AsyncHTTPTransport(verify=trust or authorities(), trust_env=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = checked(str(request.url), self.rules)
        addresses = await self._addresses(url)
        for address in addresses[:-1]:
            try:
                return await self._to(address, request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # a machine may have an address of a kind that this network does not reach
        return await self._to(addresses[-1], request)

    async def _addresses(self, url: httpx.URL) -> list[Address]:
        """Where the connection may go: every address of the name, all of them allowed."""
        if literal := _literal(url.host):
            return [literal]  # `checked` has looked at it
        try:
            async with asyncio.timeout(CONNECT):
                found = await self.resolve(url.raw_host.decode(), url.port or 443)
        except TimeoutError:
            raise httpx.ConnectTimeout("The name server did not answer in time.") from None
        except (OSError, UnicodeError):
            raise httpx.ConnectError("There is no such name.") from None
        addresses = [ip_address(one) for one in found]
        if not addresses:
            raise httpx.ConnectError("There is no such name.")
        _must_be_allowed(url, addresses, self.rules)
        return addresses[:2]

    async def _to(self, address: Address, request: httpx.Request) -> httpx.Response:
        """The request as it is, on a connection to this address; `Host` and the certificate are those of the name."""
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode().rstrip(".")},
        )
        return await self.inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        await self.inner.aclose()


def client(rules: Rules, resolve: Resolve = resolved, trust: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """A client for addresses that others chose; `trust` replaces the usual certificate authorities.

    Raises Forbidden, like any other httpx.TransportError, from the call itself.
    """
    return httpx.AsyncClient(
        transport=Guarded(rules, resolve, trust),
        timeout=httpx.Timeout(PATIENCE, connect=CONNECT),
        headers={"User-Agent": "procurement", "Accept-Encoding": "identity"},  # no bombs to unpack
        follow_redirects=False,
        trust_env=False,
    )


async def beginning(response: httpx.Response, most: int = MOST) -> bytes:
    """At most `most` bytes of a streamed answer, as they came; the rest is never read."""
    read = b""
    async for piece in response.aiter_raw():
        read += piece
        if len(read) >= most:
            break
    return read[:most]


async def answer(outside: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """The answer to a request, with no more of its body than anybody needs."""
    streamed = await outside.send(request, stream=True)
    try:
        body = await beginning(streamed)
    finally:
        await streamed.aclose()
    return httpx.Response(streamed.status_code, headers=streamed.headers, content=body)


@cache
def authorities() -> ssl.SSLContext:
    """The usual certificate authorities, read once: it takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _must_be_allowed(url: httpx.URL, addresses: Sequence[Address], rules: Rules) -> None:
    """All of them: a name with one public and one private address is somebody's attempt."""
    if rules.local and url.scheme == "http":
        if not all(address.is_loopback for address in addresses):
            raise Forbidden("Plain http is called on this machine only.")
    elif not all(is_public(address) for address in addresses):
        raise Forbidden("This leads to an address that is not on the public internet.")
