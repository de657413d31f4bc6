"""A time stamp authority for tests (RFC 3161), over real HTTP, with a root certificate of its own.

It writes DER itself, so that what reads its answers is tested against another hand than its own.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client._rust import parse_timestamp_request

SEQUENCE, SET, INTEGER, OCTETS, OID, TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18
SHA256, SHA512 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, DIGEST, CERTIFICATE = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.16.2.47"
POLICY = "1.3.6.1.4.1.99999.1"


class Authority:
    """`at` is the time that it stamps; `spoil` what it does wrong: "status", "nonce" or "message"."""

    def __init__(self) -> None:
        self.at, self.spoil = datetime.now(UTC), ""
        root_key, self.key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root, leaf = _name("Root of time"), _name("Stamps of time")
        signing = x509.KeyUsage(True, *[False] * 8)
        signs_certificates = x509.KeyUsage(*[False] * 5, True, True, False, False)
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        self.root = _certificate(root, root, root_key.public_key(), root_key, signs_certificates, ca=True)
        made = _certificate(root, leaf, self.key.public_key(), root_key, signing, ca=False, extra=stamping)
        self.certificate = made

    def answer(self, query: bytes) -> bytes:
        asked = parse_timestamp_request(query)
        message = asked.message_imprint.message
        info = _der(
            SEQUENCE, _integer(1), _oid(POLICY), _imprint(bytes(64) if self.spoil == "message" else message),
            _integer(7), _der(TIME, self.at.strftime("%Y%m%d%H%M%SZ").encode()),
            _integer(asked.nonce + (self.spoil == "nonce")),
        )  # fmt: skip
        granted = _der(SEQUENCE, _integer(2 if self.spoil == "status" else 0))
        return _der(SEQUENCE, granted, b"" if self.spoil == "status" else self._token(info))

    def _token(self, info: bytes) -> bytes:
        """CMS SignedData (RFC 5652) with the attributes that RFC 3161 and RFC 5816 ask for."""
        own, algorithm = self.certificate.public_bytes(Encoding.DER), _der(SEQUENCE, _oid(SHA256))
        about = _der(SEQUENCE, _der(SEQUENCE, _der(SEQUENCE, _octets(hashlib.sha256(own).digest()))))
        attributes = [
            _der(SEQUENCE, _oid(CONTENT_TYPE), _der(SET, _oid(TST_INFO))),
            _der(SEQUENCE, _oid(DIGEST), _der(SET, _octets(hashlib.sha256(info).digest()))),
            _der(SEQUENCE, _oid(CERTIFICATE), _der(SET, about)),
        ]
        inside = b"".join(sorted(attributes))
        signature = self.key.sign(_der(SET, inside), ec.ECDSA(hashes.SHA256()))
        issuer = _der(SEQUENCE, self.certificate.issuer.public_bytes(), _integer(self.certificate.serial_number))
        signer = _der(
            SEQUENCE, _integer(1), issuer, algorithm, _der(0xA0, inside), _der(SEQUENCE, _oid(ECDSA_SHA256)),
            _octets(signature),
        )  # fmt: skip
        content = _der(SEQUENCE, _oid(TST_INFO), _der(0xA0, _octets(info)))
        signed = _der(SEQUENCE, _integer(3), _der(SET, algorithm), content, _der(0xA0, own), _der(SET, signer))
        return _der(SEQUENCE, _oid(SIGNED_DATA), _der(0xA0, signed))

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Its address."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = authority.answer(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-type", "application/timestamp-reply")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/tsr"
            server.shutdown()
            thread.join()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    issuer: x509.Name, subject: x509.Name, public: ec.EllipticCurvePublicKey, key: ec.EllipticCurvePrivateKey,
    usage: x509.KeyUsage, *, ca: bool, extra: x509.ExtensionType | None = None,
) -> x509.Certificate:  # fmt: skip
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=3)).not_valid_after(now + timedelta(days=30))
    made = made.add_extension(x509.BasicConstraints(ca, None), True).add_extension(usage, True)
    if extra:
        made = made.add_extension(extra, True)
    return made.sign(key, hashes.SHA256())


def _imprint(message: bytes) -> bytes:
    return _der(SEQUENCE, _der(SEQUENCE, _oid(SHA512)), _octets(message))


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + body


def _integer(number: int) -> bytes:
    return _der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def _octets(data: bytes) -> bytes:
    return _der(OCTETS, data)


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = bytearray([first * 40 + second])
    for arc in rest:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, arc & 0x7F | 0x80)
        body += bytes(septets)
    return _der(OID, bytes(body))
