"""Atom feeds (RFC 4287) of searches, tenders and buyers, and calendars (RFC 5545). None asks for an account."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from procurement.identity import service as identity
from procurement.infra.ledger import service as ledger
from procurement.infra.mail import Mail
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import AnyRequest
from procurement.notices.rules import calendar as rules
from procurement.notices.rules.calendar import Dated
from procurement.notices.service import calendars, following
from procurement.publication.asked import PATHS, Asked
from procurement.publication.pages.rows import readable
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.service import finding
from procurement.publication.service.following import last_published
from procurement.settings import Settings
from procurement.tenders import service as tenders

ATOM, ICS = "application/atom+xml; charset=utf-8", "text/calendar"
NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)  # RFC 4287 asks for a moment even where nothing has happened
NEWEST = 50  # entries of a tender in its feed
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


class Entry(msgspec.Struct, frozen=True):
    """`id` is permanent, and the same in every feed that has the entry; `path` the page to read. A step of a
    procurement has no title: it is told by the type of what `happened`."""

    id: str
    path: str
    title: str
    published: datetime
    updated: datetime
    summary: str = ""
    happened: str = ""


class FeedPages(Controller):
    include_in_schema = False

    @get(["/tenders/feed.atom", "/awards/feed.atom", "/buyers-and-suppliers/feed.atom"], opt=access("public"))
    async def search(
        self, request: AnyRequest, tx: NamedDependency[Tx], mail: NamedDependency[Mail],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:  # fmt: skip
        """What a search finds, the newest first; with the parameters of its page."""
        find = next(one for one, path in PATHS.items() if request.url.path.startswith(f"{path}/"))
        what = following.search(Asked.read(request.query_params.multi_items(), find))
        assert what.asked
        newest = msgspec.structs.replace(what.asked, sort="newest")
        zone = ZoneInfo(settings.official_timezone)
        _, items = await finding.find(tx, newest.question(tx.now, zone=zone))
        return _feed(request, mail, what, await _entries(tx, items))

    @get("/buyers/{organisation:str}/feed.atom", opt=access("public"))
    async def buyer(
        self, request: AnyRequest, tx: NamedDependency[Tx], mail: NamedDependency[Mail], organisation: FromPath[str]
    ) -> Response[Any]:
        """Everything that a buyer published, here or elsewhere."""
        what = await following.followed(tx, "buyer", organisation)
        asked = Asked(buyer=organisation, status="all", sort="newest")
        _, items = await finding.find(tx, asked.question(tx.now))
        return _feed(request, mail, what, await _entries(tx, items))

    @get("/tenders/{tender_id:str}/feed.atom", opt=access("public"))
    async def tender(
        self, request: AnyRequest, tx: NamedDependency[Tx], mail: NamedDependency[Mail], tender_id: FromPath[str]
    ) -> Response[Any]:
        """Every public step of one procurement, as the record has it."""
        what = await following.followed(tx, "tender", tender_id)
        found = await tenders.public_tender(tx, tender_id)
        read = readable(await ledger.of_process(tx.session, found.ocid))
        said = [(one.entry.index, one.said) for one in read if one.said]
        entries = [
            Entry(f"/ledger/proof/{index}", f"{what.path}/record", "", told.at, told.at, happened=told.type)
            for index, told in reversed(said[-NEWEST:])
        ]
        return _feed(request, mail, what, entries)

    @get("/tenders/{tender_id:str}/calendar.ics", opt=access("public"))
    async def tender_calendar(
        self, request: AnyRequest, tx: NamedDependency[Tx], mail: NamedDependency[Mail], tender_id: FromPath[str]
    ) -> Response[Any]:
        """Deadline for questions, deadline for bids and opening of one tender."""
        dated = await calendars.of_tender(tx, tender_id)
        return _calendar(request, mail, dated[0].tender.title, dated)

    @get("/calendar/{token:str}/following.ics", opt=access("public"))
    async def own_calendar(
        self, request: AnyRequest, tx: NamedDependency[Tx], mail: NamedDependency[Mail], token: FromPath[str]
    ) -> Response[Any]:
        """The same of everything followed: whoever has the address may read it."""
        return _calendar(request, mail, "", await calendars.followed(tx, token))


async def _entries(tx: Tx, items: Iterable[finding.Item]) -> list[Entry]:
    """Under their names of today."""
    found = list(items)
    released = [one for one in found if not isinstance(one, OrganisationLine)]
    changed = await last_published(tx, {one.ocid for one in released})
    organisations = await identity.organisations(tx, {one.buyer_id for one in released})
    names = {id_: one.name for id_, one in organisations.items()}
    return [_entry(one, names, changed) for one in found]


def _entry(item: finding.Item, names: Mapping[str, str], changed: Mapping[str, datetime]) -> Entry:
    if isinstance(item, OrganisationLine):
        return Entry(item.path, item.path, item.name, item.seen_at, item.seen_at, item.place)
    buyer, title = names.get(item.buyer_id, item.buyer), item.title or item.ocid
    if isinstance(item, AwardLine):
        said = ". ".join(filter(None, (", ".join(item.suppliers), buyer)))
        at = max(item.awarded_at, changed.get(item.ocid, item.awarded_at))
        return Entry(f"{item.path}#{item.id}", item.path, title, item.awarded_at, at, said)
    summary = f"{buyer}. {item.summary}" if item.summary else buyer
    return Entry(item.path, item.path, title, item.published_at, changed.get(item.ocid, item.published_at), summary)


def _feed(request: AnyRequest, mail: Mail, what: following.Followed, entries: list[Entry]) -> Response[Any]:
    updated = max((one.updated for one in entries), default=NOTHING_YET)
    words = {"what": what, "entries": entries, "updated": updated, "base_url": mail.base_url, "clean": _clean}
    body = mail.templates.get_template("notices/feed.xml").render(words).encode()
    return _unless_known(request, body, ATOM, updated)


def _calendar(request: AnyRequest, mail: Mail, name: str, dated: list[Dated]) -> Response[Any]:
    words = mail.templates.get_template("notices/calendar.txt").render().strip().splitlines()
    named = dict(zip((*rules.NAMES, "all"), words, strict=True))
    body = rules.calendar(name or named["all"], dated, named, mail.base_url, mail.host)
    return _unless_known(request, body, ICS, max((one.changed_at for one in dated), default=NOTHING_YET))


def _clean(text: str) -> Markup:
    """Escaped, without the signs that XML cannot carry."""
    return Markup.escape(FORBIDDEN.sub(" ", text))


def _unless_known(request: AnyRequest, body: bytes, kind: str, changed: datetime) -> Response[Any]:
    """RFC 9110: 304 for whoever has it, by its ETag, or by the second of its newest entry where no tag was sent."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(changed.replace(microsecond=0), usegmt=True),
        "Cache-Control": "public, no-cache",
    }
    wanted, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    known = {one.strip().removeprefix("W/") for one in wanted.split(",")} if wanted else set()
    if tag in known or (wanted is None and since and _not_after(changed, since)):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


def _not_after(changed: datetime, since: str) -> bool:
    """A date that cannot be read asks for nothing."""
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


ROUTES = (FeedPages,)
