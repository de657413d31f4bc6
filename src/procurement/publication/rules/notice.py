"""One procurement in a row of a list: read from its compiled OCDS release, ours and others' alike."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from procurement.kernel.money import Money

Json = dict[str, Any]

LONGEST_TITLE = 500
CANCELLED = {"cancelled": "cancelled", "withdrawn": "cancelled", "unsuccessful": "unsuccessful"}
PLANNED = {"planning", "planned"}
IN_FORCE = {None, "active", "pending"}
COUNTS_OF_BIDS = ("bids", "validBids")  # measures of the bid extension, the better one first


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is "" for ours. `outcome`: "" (open until the deadline, then closed), "planned", "closed", "awarded",
    "cancelled" or "unsuccessful". `text` is what else can be searched, and `codes` are those of its items with their
    schemes, as "CPV 30213100-6"; neither is read back."""

    id: str
    source: str
    ocid: str
    title: str
    summary: str
    kind: str
    buyer_id: str
    buyer: str
    supplier_ids: tuple[str, ...]
    suppliers: tuple[str, ...]
    categories: tuple[str, ...]
    value: Money | None
    outcome: str
    published_at: datetime
    deadline: datetime | None
    awarded_at: datetime | None
    award: Money | None
    bids: int | None
    text: str
    codes: tuple[str, ...] = ()

    def status(self, now: datetime) -> str:
        """What it is at `now`: an undecided one is open until its deadline, and closed from then on."""
        return self.outcome or ("open" if self.deadline and now < self.deadline else "closed")

    @property
    def path(self) -> str:
        """Its page."""
        return f"/notices/{self.id}" if self.source else f"/tenders/{self.id}"

    @property
    def against_estimate(self) -> Decimal | None:
        """The price over the buyer's estimate, as a share: -0.08 is eight per cent under it."""
        if (
            self.value is None
            or self.award is None
            or not self.value.amount
            or self.value.currency != self.award.currency
        ):
            return None
        return Decimal(self.award.amount - self.value.amount) / self.value.amount


def notice_of(compiled: Json, *, id: str, source: str, published_at: datetime) -> Notice:
    """Read a compiled release. Organisations of other publishers get ids of ours; our own already have them."""
    tender, awards = compiled.get("tender") or {}, in_force(compiled.get("awards"))
    contracts = in_force(compiled.get("contracts"))
    buyer = compiled.get("buyer") or tender.get("procuringEntity") or {}
    suppliers = list({reference(one, source): one for award in awards for one in award.get("suppliers") or ()}.items())
    outcome = _outcome(compiled, tender, bool(awards or contracts))
    awarded = outcome == "awarded"
    codes = codes_of([tender, *awards, *contracts])
    return Notice(
        id=id,
        source=source,
        ocid=str(compiled["ocid"]),
        title=_title(compiled, tender, awards),
        summary=one_line(tender.get("description")),
        kind=tender.get("mainProcurementCategory") or "",
        buyer_id=reference(buyer, source),
        buyer=one_line(buyer.get("name")),
        supplier_ids=tuple(key for key, _ in suppliers) if awarded else (),
        suppliers=tuple(one_line(one.get("name")) for _, one in suppliers) if awarded else (),
        categories=categories_of(codes),
        value=money(tender.get("value")),
        outcome=outcome,
        published_at=min(filter(None, (published_at, moment(_period(tender).get("startDate"))))),
        deadline=moment(_period(tender).get("endDate")),
        awarded_at=_awarded_at(awards, contracts, moment(compiled["date"])) if awarded else None,
        award=(_sum(awards) or _sum(contracts)) if awarded else None,
        bids=_bids(compiled, tender),
        text=_words(tender, [*awards, *contracts]),
        codes=codes,
    )


def key(source: str, *parts: str) -> str:
    """A short address for something of another publisher: the same for the same thing in every installation."""
    digest = sha256("\0".join((source, *parts)).encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def code_prefixes(code: str) -> set[str]:
    """Every beginning of a classification code, so that “45” finds “45233220-7”; shorter than two digits is noise."""
    digits = "".join(filter(str.isdigit, code.split("-")[0]))
    return {digits[:length] for length in range(2, min(len(digits), 8) + 1)}


def code_beginning(code: str) -> str:
    """What is searched when somebody writes a code: CPV fills its higher levels with zeros."""
    digits = "".join(filter(str.isdigit, code.split("-")[0]))[:8]
    return digits if len(digits) <= 2 else digits[:2] + digits[2:].rstrip("0")


def _outcome(compiled: Json, tender: Json, decided: bool) -> str:
    status = tender.get("status")
    if status in CANCELLED:
        return CANCELLED[status]
    if decided:
        return "awarded"
    if not tender or status in PLANNED:
        return "planned"
    return "closed" if status == "complete" else ""


def in_force(things: Any) -> list[Json]:
    return [thing for thing in things or () if thing.get("status") in IN_FORCE]


def _title(compiled: Json, tender: Json, awards: list[Json]) -> str:
    planned = ((compiled.get("planning") or {}).get("budget") or {}).get("description")
    named = (tender.get("title"), tender.get("description"), *(award.get("title") for award in awards), planned)
    texts = (one_line(name).lstrip("-* ") for name in named)
    return next(filter(None, texts), str(compiled["ocid"]))[:LONGEST_TITLE]


def reference(organisation: Json, source: str) -> str:
    known = one_line(organisation.get("id")) or one_line(organisation.get("name"))
    return known if not source or not known else key(source, known)


def codes_of(holders: Iterable[Json]) -> tuple[str, ...]:
    """The codes of the items of tenders, awards or contracts, each with its scheme, "" where none is said."""
    items = [item for holder in holders for item in holder.get("items") or ()]
    classified = [item.get("classification") or {} for item in items]
    return tuple(sorted({f"{one_line(one.get('scheme'))} {one['id']}" for one in classified if one.get("id")}))


def categories_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Every beginning of every code."""
    return tuple(sorted(set().union(*(code_prefixes(code.split(" ", 1)[1]) for code in codes))))


def _bids(compiled: Json, tender: Json) -> int | None:
    section = compiled.get("bids") or {}
    whole = [one for one in section.get("statistics") or () if not one.get("relatedLot")]
    for measure in COUNTS_OF_BIDS:
        if (found := next((one for one in whole if one.get("measure") == measure), None)) and "value" in found:
            return int(found["value"])
    if section.get("details"):
        return len(section["details"])
    return tender.get("numberOfTenderers")


def _awarded_at(awards: list[Json], contracts: list[Json], otherwise: datetime | None) -> datetime | None:
    dates: Iterable[Any] = [award.get("date") for award in awards]
    signed = [contract.get("dateSigned") for contract in contracts]
    noticed = [document.get("datePublished") for award in awards for document in award.get("documents") or ()]
    for known in (dates, signed, noticed):
        if found := [at for at in map(moment, known) if at]:
            return min(found)
    return otherwise


def _sum(things: list[Json]) -> Money | None:
    """Together, where all are in one currency."""
    amounts = [one for one in (money(thing.get("value")) for thing in things) if one]
    if not amounts or len({one.currency for one in amounts}) > 1:
        return None
    return Money(sum(one.amount for one in amounts), amounts[0].currency)


def money(value: Any) -> Money | None:
    if not value or value.get("amount") is None or not value.get("currency"):
        return None
    return Money.rounded(Decimal(str(value["amount"])), value["currency"])


def _period(tender: Json) -> Json:
    return tender.get("tenderPeriod") or {}


def moment(value: Any) -> datetime | None:
    if not value:
        return None
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _words(tender: Json, decided: list[Json]) -> str:
    described = [tender.get("description"), *(one.get("title") for one in tender.get("lots") or ())]
    described += [one.get(name) for one in decided for name in ("title", "description")]
    for item in (item for holder in (tender, *decided) for item in holder.get("items") or ()):
        classified = item.get("classification") or {}
        described += [item.get("description"), classified.get("description"), classified.get("id")]
    return " ".join(dict.fromkeys(filter(None, map(one_line, described))))


def one_line(value: Any) -> str:
    return " ".join(str(value).split()) if value not in (None, "") else ""
