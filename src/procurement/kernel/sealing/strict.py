"""Reading what a stranger wrote: bounded, strictly typed, in the one canonical spelling or not at all."""

from typing import Annotated, TypeVar

import msgspec

from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused

S = TypeVar("S", bound=msgspec.Struct)

NO_ZERO_BYTE = r"^[^\x00]*\Z"  # PostgreSQL's text and JSON hold none: what has one would stop whoever keeps it
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_ZERO_BYTE)]
Base64 = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]*={0,2}\Z")]
Count = Annotated[int, msgspec.Meta(ge=0, le=255)]
Size = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]


def read_canonical(data: bytes, kind: type[S], *, limit: int, code: str, what: str) -> S:
    """Decode RFC 8785 bytes into a Struct. Refused(`code`, 422) when `what` is too long, ill-typed or not canonical."""
    if len(data) > limit:
        raise Refused(code, f"{what} is longer than {limit} bytes.", status=422)
    try:
        value = msgspec.json.decode(data, type=kind)
        same = canonical(value) == data
    except (msgspec.MsgspecError, UnicodeError, ValueError) as wrong:
        raise Refused(code, f"{what} cannot be read: {wrong}.", status=422) from None
    if not same:
        raise Refused(code, f"{what} is not in canonical form (RFC 8785).", status=422)
    return value
