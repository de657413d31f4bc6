"""What the pages of key holders share."""

from collections.abc import Iterable

from procurement.identity import service as identity
from procurement.infra.tx import Tried, Tx
from procurement.kernel.refusal import Refused

OWN = "/key-holder"
SHOWN_AGAIN = (409, 422)


def again(tried: Tried) -> Refused | None:
    """The refusal that the same page shows; what concerns the person or the address goes up as it is."""
    if tried.refused and tried.refused.status not in SHOWN_AGAIN and tried.refused.code != "same-person":
        raise tried.refused
    return tried.refused


async def names(tx: Tx, organisations: Iterable[str]) -> dict[str, str]:
    """Of organisations, by id."""
    return {one.id: one.name for one in (await identity.organisations(tx, set(organisations))).values()}
