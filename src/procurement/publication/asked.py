"""What a search page was asked, as it stands in the address; everything in it is kept when one part changes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from procurement.infra.search import Question, terms
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused

STATUSES = ("open", "closed", "awarded", "cancelled", "unsuccessful", "planned")
ENDED = ("cancelled", "unsuccessful")
KINDS = ("works", "goods", "services")
SORTS = ("best", "closes", "newest", "value")
DAYS = ("7", "30")
OURS = "ours"  # how our own source stands in an address
MOST_SOURCES = 20
ANY_CURRENCY = "XXX"  # ISO 4217's word for none: amounts are compared as each notice gives them


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as they were typed. `status` "" means open ones, "all" every one; `unvalued` "no" leaves out what has no
    value; `closes` is a number of days."""

    q: str = ""
    status: str = ""
    kind: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    buyer: str = ""
    supplier: str = ""
    cpv: str = ""
    least: str = ""
    most: str = ""
    unvalued: str = ""
    closes: str = ""
    sort: str = ""
    after: str = ""

    @classmethod
    def read(cls, query: Iterable[tuple[str, str]]) -> "Asked":
        """From an address. What is unknown in it is left out: an old link still finds something."""
        given: dict[str, list[str]] = {}
        for name, value in query:
            if value.strip():
                given.setdefault(name, []).append(value.strip())
        texts = ("q", "buyer", "supplier", "cpv", "least", "most", "after")
        one = {name: given[name][-1][:200] for name in texts if given.get(name)}
        chosen = {
            "status": _known(given.get("status", []), (*STATUSES, "ended", "all")),
            "closes": _known(given.get("closes", []), DAYS),
            "sort": _known(given.get("sort", []), SORTS),
            "unvalued": _known(given.get("unvalued", []), ("no",)),
        }
        kinds = tuple(value for value in KINDS if value in given.get("kind", []))
        return cls(**one, **chosen, kind=kinds, source=tuple(given.get("source", [])[:MOST_SOURCES]))

    def address(self, path: str, **changes: Any) -> str:
        """The address of the same question with something changed; a change begins at the first page."""
        values = msgspec.structs.asdict(self) | {"after": ""} | changes
        kept = {name: value for name, value in values.items() if value}
        return f"{path}?{urlencode(kept, doseq=True)}" if kept else path

    def question(self, now: datetime, size: int = 20) -> Question:
        """Refused("form-invalid") with the field that cannot be read."""
        return Question(
            words=self.q,
            statuses=self.statuses,
            kinds=self.kind,
            sources=tuple("" if source == OURS else source for source in self.source),
            buyer=self.buyer,
            supplier=self.supplier,
            category=self.cpv,
            least=_minor("least", self.least),
            most=_minor("most", self.most),
            unvalued=self.unvalued != "no",
            closes_before=now + timedelta(days=int(self.closes)) if self.closes else None,
            sort=self.order,
            after=self.after,
            size=size,
        )

    @property
    def statuses(self) -> tuple[str, ...]:
        if self.status == "all":
            return ()
        return ENDED if self.status == "ended" else (self.status or "open",)

    @property
    def order(self) -> str:
        """Best match where words were given; else what closes first, or what is newest."""
        if self.sort in ("", "best"):
            return "best" if terms(self.q) else "closes" if self.statuses == ("open",) else ""
        return "" if self.sort == "newest" else self.sort


def _known(given: list[str], choices: tuple[str, ...]) -> str:
    return next((value for value in reversed(given) if value in choices), "")


def _minor(name: str, text: str) -> int | None:
    if not text:
        return None
    try:
        return Money.parse(text, ANY_CURRENCY).amount
    except Refused as no:
        raise Refused(no.code, no.detail, status=no.status, fields={name: no.detail}) from None
