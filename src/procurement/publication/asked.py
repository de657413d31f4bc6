"""What a search page was asked, as it stands in the address; everything in it is kept when one part changes."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import msgspec

from procurement.infra.search import Collection, Question
from procurement.kernel.refusal import invalid
from procurement.kernel.words import terms
from procurement.publication import amounts
from procurement.publication.rules.notice import code_beginning
from procurement.publication.rules.period import PERIODS, day_of, days_of, moments

STATUSES = ("open", "closed", "awarded", "cancelled", "unsuccessful", "planned")
ENDED = ("cancelled", "unsuccessful")
CHOICES = {
    "status": (*STATUSES, "ended", "all"),
    "role": ("buyer", "supplier"),
    "closes": ("7", "30"),  # days
    "period": PERIODS,
    "sort": ("best", "closes", "newest", "value", "name"),
    "unvalued": ("no",),
}
SORTS = {
    Collection.NOTICES: ("best", "closes", "newest", "value"),
    Collection.AWARDS: ("best", "newest", "value"),
    Collection.ORGANISATIONS: ("best", "newest", "value", "name"),
}
KINDS = ("works", "goods", "services")
TEXTS = ("q", "buyer", "supplier", "cpv", "least", "most", "since", "until", "after")
OURS = "ours"  # how our own source stands in an address
MOST_SOURCES = 20
SHORTEST_CODE = 2  # digits

PATHS = {
    Collection.NOTICES: "/tenders",
    Collection.AWARDS: "/awards",
    Collection.ORGANISATIONS: "/buyers-and-suppliers",
}
ONLY = {
    "status": (Collection.NOTICES,),
    "closes": (Collection.NOTICES,),
    "role": (Collection.ORGANISATIONS,),
} | dict.fromkeys(
    ("kind", "cpv", "buyer", "supplier", "least", "most", "unvalued", "period", "since", "until"),
    (Collection.NOTICES, Collection.AWARDS),
)
"""What only some collections can be asked for."""

PARTS = {
    "q": ("q",),
    "status": ("status",),
    "role": ("role",),
    "kind": ("kind",),
    "value": ("least", "most"),
    "unvalued": ("unvalued",),
    "dates": ("period", "since", "until"),
    "closes": ("closes",),
    "cpv": ("cpv",),
    "buyer": ("buyer",),
    "supplier": ("supplier",),
    "source": ("source",),
}
"""What a search is limited by, and the fields that say it."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as they were typed. `find` is what is searched. `status` "" means open ones, or every one where days are
    named; "all" every one. `unvalued` "no" leaves out what has no value; `closes` is a number of days; `since` and
    `until` are the first and the last day, or `period` names them."""

    find: Collection = Collection.NOTICES
    q: str = ""
    status: str = ""
    role: str = ""
    kind: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    buyer: str = ""
    supplier: str = ""
    cpv: str = ""
    least: str = ""
    most: str = ""
    unvalued: str = ""
    period: str = ""
    since: str = ""
    until: str = ""
    closes: str = ""
    sort: str = ""
    after: str = ""

    @classmethod
    def read(cls, query: Iterable[tuple[str, str]], find: Collection | None = None) -> "Asked":
        """From an address. What is unknown in it is left out: an old link still finds something. `find` follows from
        the page; where that is not known, the address says it."""
        given: dict[str, list[str]] = {}
        for name, sent in query:
            if value := sent.replace("\0", "").strip():  # no database takes it, also not in a search that was saved
                given.setdefault(name, []).append(value)
        where = find or Collection(_known(given.get("find", []), tuple(Collection)) or Collection.NOTICES)
        one: dict[str, Any] = {name: given[name][-1][:200] for name in TEXTS if given.get(name)}
        chosen: dict[str, Any] = {name: _known(given.get(name, []), choices) for name, choices in CHOICES.items()}
        if one.keys() & {"since", "until"}:
            chosen["period"] = ""  # days that were typed are meant
        kinds = tuple(value for value in KINDS if value in given.get("kind", []))
        sources = tuple(given.get("source", [])[:MOST_SOURCES])
        return cls(**one, **chosen, kind=kinds, source=sources).within(where)

    def within(self, find: Collection) -> "Asked":
        """The same of another collection, with what that can be asked."""
        dropped = {name: type(getattr(self, name))() for name, where in ONLY.items() if find not in where}
        sort = self.sort if self.sort in SORTS[find] else ""
        return msgspec.structs.replace(self, **dropped, find=find, sort=sort)

    @property
    def path(self) -> str:
        """The page that shows it."""
        return PATHS[self.find]

    @property
    def sorts(self) -> tuple[str, ...]:
        return SORTS[self.find]

    def address(self, path: str, **changes: Any) -> str:
        """The address of the same question with something changed; a change begins at the first page. The path says
        what is searched."""
        kept = self._said(**changes)
        return f"{path}?{urlencode(kept, doseq=True)}" if kept else path

    def target(self) -> str:
        """The whole question in one line, from which `read` makes it again."""
        tab = {} if self.find is Collection.NOTICES else {"find": self.find}
        return urlencode(tab | self._said(), doseq=True)

    def _said(self, **changes: Any) -> dict[str, Any]:
        values = msgspec.structs.asdict(self) | {"after": ""} | changes
        return {name: value for name, value in values.items() if value and name != "find"}

    def parts(self) -> list[str]:
        """What limits it, of PARTS: each can be taken away."""
        said = [part for part, names in PARTS.items() if any(getattr(self, name) for name in names)]
        used = [part for part in said if part != "cpv" or self.code]
        if self.find is Collection.NOTICES and self.stage != "all":
            return ["status", *(part for part in used if part != "status")]
        return [part for part in used if part != "status"]

    def without(self, part: str) -> "Asked":
        """The same question without one of its limits, from the first page."""
        gone = {name: type(getattr(self, name))() for name in PARTS[part]}
        if self.find is Collection.NOTICES and (part == "status" or (part == "dates" and not self.status)):
            gone["status"] = "all"  # and nothing else is silently left out instead
        return msgspec.structs.replace(self, **gone, after="")

    def question(self, now: datetime, size: int = 20, zone: tzinfo = UTC) -> Question:
        """Days are those of `zone`. Refused("form-invalid") with the field that cannot be read."""
        since, until = self.between(now, zone)
        return Question(
            collection=self.find,
            words=self.q,
            roles=(self.role,) if self.role else (),
            statuses=self.statuses,
            kinds=self.kind,
            sources=tuple("" if source == OURS else source for source in self.source),
            buyer=self.buyer,
            supplier=self.supplier,
            category=self.code,
            least=amounts.minor("least", self.least),
            most=amounts.minor("most", self.most),
            unvalued=self.unvalued != "no",
            since=since,
            until=until,
            closes_before=now + timedelta(days=int(self.closes)) if self.closes else None,
            sort=self.order,
            after=self.after,
            size=size,
        )

    def between(self, now: datetime, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
        """The days that are asked about, as moments: from the first up to, but without, the second."""
        first, last = days_of(self.period, now.astimezone(zone).date())
        first, last = _named("since", self.since) or first, _named("until", self.until) or last
        if first and last and last < first:
            raise invalid("The last day is before the first.", until="Choose a day after the first.")
        return moments(first, last, zone)

    def lasting(self, now: datetime, zone: tzinfo = UTC) -> "Asked":
        """The same without days that are over: nothing new will be found in them. Refused as `question`."""
        _, until = self.between(now, zone)
        return self.without("dates") if until and until <= now else self

    @property
    def range(self) -> tuple[Decimal | str, Decimal | str]:
        """The least and the most, as they were understood; as they were typed where they were not."""
        least, most = (amounts.understood(text) for text in (self.least, self.most))
        return self.least if least is None else least, self.most if most is None else most

    @property
    def code(self) -> str:
        """The category asked for; "" where only words for one were typed, which limit nothing yet."""
        return self.cpv if len(code_beginning(self.cpv)) >= SHORTEST_CODE else ""

    @property
    def first(self) -> date | None:
        """The first day, where one was typed."""
        return day_of(self.since)

    @property
    def last(self) -> date | None:
        return day_of(self.until)

    @property
    def implied(self) -> str:
        """The stage where none is chosen: what is open, or every one where days are named, as most are past."""
        return "all" if self.period or self.since or self.until else "open"

    @property
    def stage(self) -> str:
        return self.status or self.implied

    @property
    def statuses(self) -> tuple[str, ...]:
        if self.find is not Collection.NOTICES or self.stage == "all":
            return ()
        return ENDED if self.stage == "ended" else (self.stage,)

    @property
    def order(self) -> str:
        """Best match where words were given; else what closes first, or what is newest."""
        if self.sort in ("", "best"):
            return "best" if terms(self.q) else "closes" if self.statuses == ("open",) else ""
        return "" if self.sort == "newest" else self.sort


def _known(given: list[str], choices: tuple[str, ...]) -> str:
    return next((value for value in reversed(given) if value in choices), "")


def _named(name: str, text: str) -> date | None:
    if text and day_of(text) is None:
        raise invalid(f"“{text}” is not a day.", **{name: f"“{text}” is not a day. Write it like 2026-03-31."})
    return day_of(text)
