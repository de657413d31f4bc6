"""declarations.json: what a bidder confirms with its bid, in full words."""

from collections.abc import Sequence

import msgspec

from procurement.kernel.canonical import canonical

DECLARATIONS = "declarations.json"  # the name of the file in the sealed bid


class Statement(msgspec.Struct, frozen=True):
    """`code` is stable; for a pass-fail criterion it is the criterion's id."""

    code: str
    text: str


def declarations_bytes(confirmed: Sequence[Statement]) -> bytes:
    """The statements confirmed, as RFC 8785 JSON."""
    return canonical({"type": "declarations/v1", "confirmed": confirmed})
