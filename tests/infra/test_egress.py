"""Calls to addresses that others chose reach the public internet, or nothing (ASVS 5.0: 13.2.4, 13.2.5)."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from procurement.infra import egress

pytestmark = pytest.mark.anyio
STRICT, LOCAL = egress.Rules(), egress.Rules(local=True)
PUBLIC = ("1.1.1.1", "93.184.215.14", "100.63.255.255", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1")
NOT_PUBLIC = (
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:1.1.1.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
)  # fmt: skip
HOSTILE = (
    "", "hooks.example.org", "//hooks.example.org", "ftp://hooks.example.org", "file:///etc/passwd",
    "gopher://hooks.example.org", "https://", "https:///path", "http://hooks.example.org", "http://127.0.0.1/",
    "https://me@hooks.example.org", "https://me:secret@hooks.example.org", "https://hooks.example.org#part",
    "https://hooks.example.org:22", "https://hooks.example.org:8443", "https://hooks.example.org:0", "https://localhost",
    "https://metadata", "https://127.0.0.1", "https://[::1]", "https://[::ffff:10.0.0.1]", "https://[fe80::1%25eth0]",
    "https://169.254.169.254/latest/meta-data", "https://hooks.example.org\r\nHost: inner", "https://\uff11\uff12\uff17.0.0.1",
    "https://hooks.example.org:99999999", "javascript:alert(1)", "https://0177.0.0.1",
)  # fmt: skip


def leading_to(*answers: Sequence[str]) -> egress.Resolve:
    """A name server that answers each time with the next of these, then always with the last."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_on_the_public_internet(address: str) -> None:
    assert egress.is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_a_name_that_leads_elsewhere_is_not_called(address: str) -> None:
    assert not egress.is_public(ip_address(address))
    for answers in ([address], ["1.1.1.1", address]):
        async with egress.client(STRICT, leading_to(answers)) as outside:
            with pytest.raises(egress.Forbidden, match="not on the public internet"):
                await outside.get("https://hooks.example.org/")


@pytest.mark.parametrize("address", HOSTILE)
async def test_an_address_that_is_odd_is_refused_before_its_name_is_asked_for(address: str) -> None:
    async def asked(host: str, port: int) -> Sequence[str]:
        raise AssertionError(f"{host} was looked up")

    with pytest.raises(egress.Forbidden):
        egress.checked(address, STRICT)
    async with egress.client(STRICT, asked) as outside:
        with pytest.raises((egress.Forbidden, httpx.UnsupportedProtocol, httpx.InvalidURL)):
            await outside.get(address)


@pytest.mark.parametrize("number", ["0x7f.1", "2130706433", "127.1"])
async def test_a_number_in_disguise_is_judged_by_where_it_leads(number: str) -> None:
    async with egress.client(STRICT) as outside:
        with pytest.raises((egress.Forbidden, httpx.ConnectError)):
            await outside.get(f"https://{number}/")


def test_what_may_be_called() -> None:
    more = egress.Rules(frozenset({443, 8443}))
    assert str(egress.checked("https://hooks.example.org/in?a=b", STRICT)) == "https://hooks.example.org/in?a=b"
    assert egress.checked("HTTPS://Hooks.Example.org", STRICT).host == "hooks.example.org"
    assert egress.checked("https://1.1.1.1/", STRICT).host == "1.1.1.1"
    assert egress.checked("https://hooks.example.org:8443", more).port == 8443
    with pytest.raises(egress.Forbidden, match="443, 8443"):
        egress.checked("https://hooks.example.org:22", more)


async def test_in_a_sandbox_plain_http_reaches_this_machine_and_no_other() -> None:
    assert egress.checked("http://localhost:9000/", LOCAL).port == 9000
    for address in ("http://10.0.0.1/", "http://1.1.1.1/", "https://127.0.0.1/"):
        with pytest.raises(egress.Forbidden):
            egress.checked(address, LOCAL)
    async with egress.client(LOCAL, leading_to(["127.0.0.1", "192.168.0.1"])) as outside:
        with pytest.raises(egress.Forbidden, match="this machine only"):
            await outside.get("http://localhost:9000/")


class Listener:
    """A TLS server on loopback that knows one name, and remembers what it was asked."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.heads, self.asked_for = name, list[str](), list[str | None]()
        key = ec.generate_private_key(ec.SECP256R1())
        called, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), datetime.now(UTC)
        day, number = timedelta(days=1), x509.random_serial_number()
        certificate = (
            x509.CertificateBuilder(called, called, key.public_key(), number, now - day, now + day)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.pem = folder / f"{name}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        await reader.read()  # until the caller hangs up
        writer.close()

    def _remember(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        self.asked_for.append(name)

    async def listen(self) -> asyncio.Server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.pem)
        context.sni_callback = self._remember  # type: ignore[assignment]  # None is allowed and means: go on
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        return server


@pytest.fixture
async def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    """It stands for a server on the public internet: its loopback address counts as public here."""
    one = Listener(tmp_path, "hooks.example.org")
    before = egress.is_public
    monkeypatch.setattr(egress, "is_public", lambda address: str(address) == "127.0.0.1" or before(address))
    server = await one.listen()
    async with server:
        yield one


async def test_the_connection_goes_to_what_was_checked_and_speaks_of_the_name(listener: Listener) -> None:
    trust = ssl.create_default_context(cafile=str(listener.pem))
    allowed = egress.Rules(frozenset({listener.port}))
    async with egress.client(allowed, leading_to(["127.0.0.1"]), trust) as outside:
        answer = await outside.get(f"https://hooks.example.org:{listener.port}/in?a=b")
    assert answer.text == "ok" and listener.asked_for == ["hooks.example.org"]
    assert listener.heads[0].startswith("GET /in?a=b HTTP/1.1\r\n")
    assert f"Host: hooks.example.org:{listener.port}\r\n" in listener.heads[0]


async def test_a_name_that_changes_its_mind_gains_nothing(listener: Listener) -> None:
    """DNS rebinding: public when it is checked, private when it would be asked again."""
    trust = ssl.create_default_context(cafile=str(listener.pem))
    allowed = egress.Rules(frozenset({listener.port}))
    rebinding = leading_to(["127.0.0.1"], ["169.254.169.254"])
    address = f"https://hooks.example.org:{listener.port}/"
    async with egress.client(allowed, rebinding, trust) as outside:
        assert (await outside.get(address)).text == "ok"  # asked for once, and that was used
        with pytest.raises(egress.Forbidden):
            await outside.get(address)  # asked again for the next call, and looked at again
    assert len(listener.heads) == 1


async def test_another_name_at_the_same_address_shows_its_own_certificate(listener: Listener) -> None:
    """The connection of the first name is not used for the second, whose certificate nobody looked at."""
    trust = ssl.create_default_context(cafile=str(listener.pem))
    allowed = egress.Rules(frozenset({listener.port}))
    async with egress.client(allowed, leading_to(["127.0.0.1"]), trust) as outside:
        await outside.get(f"https://hooks.example.org:{listener.port}/")
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await outside.get(f"https://other.example.org:{listener.port}/")
    assert len(listener.heads) == 1


async def test_an_unreachable_address_is_followed_by_the_next_one(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress, "is_public", lambda address: address.is_loopback)
    trust = ssl.create_default_context(cafile=str(listener.pem))
    allowed = egress.Rules(frozenset({listener.port}))
    async with egress.client(allowed, leading_to(["127.0.0.2", "127.0.0.1"]), trust) as outside:
        assert (await outside.get(f"https://hooks.example.org:{listener.port}/")).text == "ok"


async def test_proxies_of_the_environment_are_not_used(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    trust = ssl.create_default_context(cafile=str(listener.pem))
    async with egress.client(egress.Rules(frozenset({listener.port})), leading_to(["127.0.0.1"]), trust) as outside:
        assert (await outside.get(f"https://hooks.example.org:{listener.port}/")).text == "ok"
