"""What the index beside the database holds of a notice, an award or an organisation: what their public rows say.

Everything comes from the structs that are read from published releases, so what is not published cannot enter. An
engine that compares without case, cuts long values or has its own opinion of an empty one is given every value that
must match exactly as `exact` spells it.

A document is flat. Moments are microseconds since 1970, UTC; amounts are minor units; what is not known is null.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from procurement.infra.search import Collection
from procurement.kernel.money import Money
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice
from procurement.publication.rules.organisation_line import OrganisationLine

EDITION = 1  # of these documents: a change of what they hold makes every index anew
KEY = "key"  # the field by which the engine knows a document
UNDECIDED = "undecided"  # how the outcome "" is written; whether it is open follows from the deadline
GIVEN, NONE = "given", "none"  # whether there is a value

LONGEST_TEXT = 100_000  # letters of a document that are searched, as in PostgreSQL
LONGEST_EXACT = 200  # bytes of what is spelt out; the engine cuts at 468
SAFE_KEY = re.compile(r"[A-Za-z0-9_-]{1,200}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Item = Notice | AwardLine | OrganisationLine
Document = dict[str, Any]

COMMON = (KEY, "id", "source", "title")
PURCHASE = ("ocid", "reference", "buyer", "buyer_id", "suppliers", "supplier_ids", "kind", "categories", "labels",
            "told", "broader", "amount", "valued", "year")  # fmt: skip
FIELDS: dict[Collection, tuple[str, ...]] = {
    Collection.NOTICES: (*COMMON, *PURCHASE, "outcome", "published", "deadline", "awarded"),
    Collection.AWARDS: (*COMMON, *PURCHASE, "status", "awarded"),
    Collection.ORGANISATIONS: (*COMMON, "reference", "place", "roles", "deals", "seen"),
}
"""Every field of a document; nothing else may be in one."""


def document(item: Item, labels: str = "", broader: str = "") -> Document:
    """`labels` are those of its classification codes, `broader` those of what these belong to, a line each;
    `item.text` is what else is searched."""
    if isinstance(item, OrganisationLine):
        return _organisation(item)
    purchase = {**_purchase(item), "labels": labels[:LONGEST_TEXT], "broader": broader[:LONGEST_TEXT]}
    return purchase | (_notice(item) if isinstance(item, Notice) else _award(item))


def key(id_: str) -> str:
    """The document's name in the engine, which takes few signs: the id, or a digest of one it would refuse."""
    return id_ if SAFE_KEY.fullmatch(id_) else f"x-{sha256(id_.encode(errors='replace')).hexdigest()}"


def exact(value: str) -> str:
    """A value to be compared exactly: letters the engine leaves as they are, never empty, and `inexact` reads it."""
    spelt = value.encode(errors="replace")
    return f"={spelt.hex()}" if len(spelt) <= LONGEST_EXACT else f"#{sha256(spelt).hexdigest()}"


def inexact(value: str) -> str | None:
    """What `exact` spelt; None for what was too long for it. Raises ValueError for anything else."""
    if value.startswith("#"):
        return None
    if not value.startswith("="):
        raise ValueError("not spelt by us")
    return bytes.fromhex(value[1:]).decode()


def micros(moment: datetime) -> int:
    """A moment as a number that the engine's floating point holds exactly until the year 2255."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def _purchase(item: Notice | AwardLine) -> Document:
    published = item.published_at if isinstance(item, Notice) else item.awarded_at
    return {
        **_common(item.id, item.source, item.title),
        "ocid": item.ocid,
        "reference": [item.id, item.ocid],
        "buyer": item.buyer,
        "buyer_id": exact(item.buyer_id),
        "suppliers": list(item.suppliers),
        "supplier_ids": [exact(supplier) for supplier in item.supplier_ids],
        "kind": exact(item.kind),
        "categories": list(item.categories),
        "told": item.text[:LONGEST_TEXT],
        "amount": item.value.amount if item.value else None,
        "valued": _valued(item.value),
        "year": str(published.astimezone(UTC).year),
    }


def _notice(notice: Notice) -> Document:
    return {
        "outcome": notice.outcome or UNDECIDED,
        "published": micros(notice.published_at),
        "deadline": _maybe(micros, notice.deadline),
        "awarded": _maybe(micros, notice.awarded_at),
    }


def _award(award: AwardLine) -> Document:
    return {"status": award.status, "awarded": micros(award.awarded_at)}


def _organisation(one: OrganisationLine) -> Document:
    return {
        **_common(one.id, one.source, one.name),
        "reference": [one.id],
        "place": one.place,
        "roles": list(one.roles),
        "deals": one.bought + one.won,
        "seen": micros(one.seen_at),
    }


def _common(id_: str, source: str, title: str) -> Document:
    return {KEY: key(id_), "id": id_, "source": exact(source), "title": title}


def _valued(money: Money | None) -> str:
    return GIVEN if money else NONE


def _maybe(spell: Callable[[datetime], int], moment: datetime | None) -> int | None:
    return None if moment is None else spell(moment)
