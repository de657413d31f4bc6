"""A sealed bid to test with: identities, a manifest, an envelope."""

import base64
from collections.abc import Callable

import msgspec
import pytest

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Blob,
    Envelope,
    FileSealer,
    Manifest,
    SealedPart,
    envelope_bytes,
    lock_identity,
    new_identity,
)

IDENTITY, RECIPIENT = new_identity()
KEYHOLDER, KEYHOLDER_RECIPIENT = new_identity()
SHA = "a" * 64


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        act()
    return no.value.code


def sealed(data: bytes, step: int = 1 << 20) -> tuple[FileSealer, list[SealedPart]]:
    sealer = FileSealer("offer.pdf", "application/pdf", RECIPIENT, "trade secret")
    chunks = [data[i : i + step] for i in range(0, len(data), step)]
    parts = [part for chunk in chunks for part in sealer.feed(chunk)]
    return sealer, [*parts, *sealer.finish()]


def a_manifest(**changes: object) -> Manifest:
    sealer, _ = sealed(b"{}")
    file = msgspec.structs.replace(sealer.entry(), name="prices.json")
    manifest = Manifest(
        tender="2026-0418", revision=SHA, lots=("1",), supplier="harbour", version=2, nonce="b" * 64, files=(file,)
    )
    return msgspec.structs.replace(manifest, **changes)


def an_envelope(**changes: object) -> Envelope:
    envelope = Envelope(
        tender="2026-0418",
        revision=SHA,
        recipient=RECIPIENT,
        blobs=(Blob(SHA, 500),),
        locked=base64.b64encode(lock_identity(IDENTITY, KEYHOLDER_RECIPIENT)).decode(),
        sealed_by="server",
        client="1.0",
    )
    return msgspec.structs.replace(envelope, **changes)


ENVELOPE = envelope_bytes(an_envelope())
