"""Ed25519 signatures over canonical JSON. Every signed document has a `type`, so that no signature serves twice."""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from procurement.kernel.canonical import sha256_hex
from procurement.kernel.refusal import Refused


def key_id(public: Ed25519PublicKey) -> str:
    """How a key is named: "ed25519:" and 16 hex characters of the SHA-256 of its 32 bytes."""
    return f"ed25519:{sha256_hex(public.public_bytes(Encoding.Raw, PublicFormat.Raw))[:16]}"


def sign(private: Ed25519PrivateKey, data: bytes) -> str:
    """The signature in base64."""
    return base64.b64encode(private.sign(data)).decode()


def must_be_signed(public: Ed25519PublicKey, data: bytes, signature: str) -> None:
    """Refused("signature-wrong", 422) unless `public` signed `data`."""
    try:
        public.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):  # not base64, or not even ASCII
        raise Refused("signature-wrong", "The signature does not fit the document.", status=422) from None
