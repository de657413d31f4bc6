"""A time stamp of an authority (RFC 3161) against the log, with root certificates that the verifier trusts."""

from collections.abc import Sequence

import msgspec
from cryptography.x509 import Certificate
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from procurement.kernel import merkle
from procurement.kernel.checkpoint import VerifierKey, alone
from procurement.verifier.log import Broken, Fetch, Log, opened


class Listed(msgspec.Struct, frozen=True):
    """A stamp as the service lists it; only its size is used."""

    size: int


def verify(fetch: Fetch, log: Log, key: VerifierKey, roots: Sequence[Certificate]) -> str:
    """What the newest stamp of this log shows, in words. Broken when it does not hold, or when there is none."""
    listed = msgspec.json.decode(fetch("/ledger/timestamps"), type=list[Listed])
    sizes = [one.size for one in listed if 0 < one.size <= log.checkpoint.size]
    if not sizes:
        raise Broken("no checkpoint of this log bears a time stamp")
    size = max(sizes)
    note = msgspec.json.decode(fetch(f"/ledger/proof/0?size={size}"))["checkpoint"]
    stamped = opened(note, key, "the stamped checkpoint")
    if stamped.size != size or merkle.root(log.leaves[:size]) != stamped.root:
        raise Broken(f"the stamped checkpoint of {size} entries is not of this log")
    verifier = VerifierBuilder(roots=list(roots)).build()
    try:
        reply = decode_timestamp_response(fetch(f"/ledger/timestamps/{size}"))
        verifier.verify_message(reply, alone(note, key).encode())
    except (VerificationError, ValueError) as wrong:
        raise Broken(f"the time stamp of {size} entries does not hold: {wrong}") from None
    return (
        f"the first {size} entries existed at {reply.tst_info.gen_time:%Y-%m-%d %H:%M:%S} UTC, as an authority stamped"
    )
