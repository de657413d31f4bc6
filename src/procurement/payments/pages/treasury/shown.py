"""What the treasury's pages have in common: names for ids, and which refusals a page shows itself."""

from collections.abc import Iterable

import msgspec

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused

SHOWN_AGAIN = (409, 422)


class ReasonForm(msgspec.Struct, frozen=True):
    reason: str


class Names(msgspec.Struct, frozen=True):
    """Names by id."""

    organisations: dict[str, str]
    people: dict[str, str]


async def names(tx: Tx, organisations: Iterable[str], people: Iterable[str]) -> Names:
    found = await identity.organisations(tx, set(organisations) - {""})
    persons = await identity.person_names(tx, set(people) - {""})
    return Names({id_: one.name for id_, one in found.items()}, persons)


def must_be_shown(refused: Refused | None) -> Refused | None:
    """A refusal that the same page shows; any other is raised, as one that leads to a fresh proof of identity."""
    if refused and refused.status not in SHOWN_AGAIN and refused.code != "same-person":
        raise refused
    return refused
