"""The recovery kit: the bidder's own copy of what opens its bid. Whoever has it and the sealed parts can read the bid.

With kit and receipt a bidder can prove to others what it had sealed, and open it where every other way failed; nobody
can alter a bid with it. A bid that a server sealed has none.
"""

from typing import Annotated, Literal

import msgspec

from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.strict import Name, read_canonical

LIMIT = 4096  # bytes


class Kit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`identity` is the bid's own age identity, `recipient` its public half; `digest` that of the envelope, or "" in a
    kit that was saved before the bid was complete."""

    type: Literal["kit/v1"] = "kit/v1"
    tender: Name
    supplier: Name
    version: Annotated[int, msgspec.Meta(ge=1)]
    digest: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
    recipient: Name
    identity: Name


def kit_bytes(kit: Kit) -> bytes:
    return canonical(kit)


def parse_kit(data: bytes) -> Kit:
    """Read a kit strictly. Refused("kit-malformed", 422), also when its two halves are not of one key."""
    kit = read_canonical(data, Kit, limit=LIMIT, code="kit-malformed", what="The recovery kit")
    if age.recipient_of(kit.identity) != kit.recipient:
        raise Refused("kit-malformed", "The two halves of the kit's key do not belong together.", status=422)
    return kit
