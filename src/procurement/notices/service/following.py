"""Following: begun, changed and ended by whoever is signed in, for themselves. Nobody else sees what they follow."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.identity import service as identity
from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused, invalid, unknown
from procurement.notices.rules.following import KINDS, LONGEST_TARGET, MOST, OFTEN, Follow
from procurement.notices.service.news import reschedule
from procurement.notices.tables.following import FollowRow, NewsRow
from procurement.publication import service as publication
from procurement.publication.asked import Asked
from procurement.tenders import service as tenders
from procurement.tenders.service import lists

NEWEST = 30  # news on the page of what one follows


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be followed: `target` in its one normal form, the page it stands on, and its Atom feed.
    `title` is "" for a search: `asked` says what it asks for. `undated`: it asked about days that are over, in which
    nothing new can be, and is followed without them."""

    kind: str
    target: str
    title: str
    path: str
    feed: str
    asked: Asked | None = None
    undated: bool = False


class News(msgspec.Struct, frozen=True):
    """What a follower was told. `what` is one of `rules.following.What`; `asked` the followed search that found it,
    None where the tender or its buyer is followed."""

    tender: str
    title: str
    what: str
    at: datetime
    asked: Asked | None = None


async def followed(tx: Tx, kind: str, target: str) -> Followed:
    """What somebody is about to follow. Refused("tender-unknown" | "buyer-unknown", 404), ("form-invalid", 422)."""
    if kind == "tender":
        tender = await tenders.public_tender(tx, target)
        return _tender(tender.id, tender.title)
    if kind == "buyer" and not target:  # releases of others may name no buyer
        raise unknown("buyer")
    if kind == "buyer":
        return _buyer(target, await _name_of(tx, target))
    if kind != "search":
        raise invalid("One can follow a tender, a buyer or a search.", kind=f"One of: {', '.join(KINDS)}.")
    asked = Asked.read(parse_qsl(target))
    if asked.find is Collection.ORGANISATIONS:
        raise invalid("Follow a buyer on its page, or tenders and awards by a search.", kind="Search those instead.")
    lasting = asked.lasting(tx.now)
    found = search(lasting)
    assert found.asked
    found.asked.question(tx.now)  # what cannot be searched cannot be followed
    found = msgspec.structs.replace(found, undated=lasting != asked)
    if len(found.target) > LONGEST_TARGET:
        raise invalid("This search is too long to be followed.", target="Use fewer words or filters.")
    return found


def search(asked: Asked) -> Followed:
    """A search in its normal form: without page and order, and with its status written out."""
    status = asked.stage if asked.find is Collection.NOTICES else ""
    plain = msgspec.structs.replace(asked, after="", sort="", status=status)
    return Followed(
        kind="search",
        target=plain.target(),
        title="",
        path=plain.address(plain.path),
        feed=plain.address(f"{plain.path}/feed.atom"),
        asked=plain,
    )


async def follow(tx: Tx, kind: str, target: str, often: str) -> Follow:
    """Follow it, or change how often one is told. See `followed`; Refused("too-many", 429)."""
    tx.actor.must_be_somebody()
    what = await followed(tx, kind, target)
    _must_be_known(often)
    mine = select(func.count()).select_from(FollowRow).where(FollowRow.person == tx.actor.person)
    if (await tx.session.scalar(mine) or 0) >= MOST:
        raise Refused("too-many", f"You follow {MOST} things. End some before you follow more.", status=429)
    values = {
        "id": new_id(),
        "person": tx.actor.person,
        "organisation": tx.actor.organisation or None,
        "kind": what.kind,
        "target": what.target,
        "often": often,
        "since": tx.now,
    }
    put = insert(FollowRow).values(values)
    again = put.on_conflict_do_update(
        index_elements=["person", "kind", "target"], set_={name: put.excluded[name] for name in ("often",)}
    )
    id_ = await tx.session.scalar(again.returning(FollowRow.id))
    await reschedule(tx, str(id_), often)
    return await _mine(tx, str(id_))


async def change(tx: Tx, follow_id: str, often: str) -> Follow:
    """Be told otherwise. Refused("follow-unknown", 404) also for somebody else's."""
    tx.actor.must_be_somebody()
    _must_be_known(often)
    await _mine(tx, follow_id)
    await set_often(tx, [follow_id], often)
    return await _mine(tx, follow_id)


async def end(tx: Tx, follow_id: str) -> None:
    """Follow it no longer; what one was told of it is forgotten. Refused("follow-unknown", 404)."""
    tx.actor.must_be_somebody()
    await _mine(tx, follow_id)
    await tx.session.execute(delete(FollowRow).where(FollowRow.id == follow_id))


async def set_often(tx: Tx, follows: Iterable[str], often: str) -> None:
    """For callers that have checked whose they are."""
    for follow_id in follows:
        await tx.session.execute(update(FollowRow).where(FollowRow.id == follow_id).values(often=often))
        await reschedule(tx, follow_id, often)


async def mine(tx: Tx) -> list[tuple[Follow, Followed]]:
    """What this person follows, the newest first, each with what it is."""
    tx.actor.must_be_somebody()
    rows = select(FollowRow).where(FollowRow.person == tx.actor.person).order_by(FollowRow.since.desc(), FollowRow.id)
    follows = [_follow(row) for row in await tx.session.scalars(rows.limit(MOST))]
    public = await lists.public(tx, [one.target for one in follows if one.kind == "tender"])
    buyers = await identity.organisations(tx, [one.target for one in follows if one.kind == "buyer"])
    titles = {id_: tender.title for id_, tender in public.items()} | {id_: one.name for id_, one in buyers.items()}
    return [(one, _named(one, titles.get(one.target, one.target))) for one in follows]


async def of_mine(tx: Tx, kind: str, target: str) -> Follow | None:
    """This person's follow of it, if any; nobody has none."""
    here = FollowRow.person == tx.actor.person, FollowRow.kind == kind, FollowRow.target == target
    row = await tx.session.scalar(select(FollowRow).where(*here))
    return _follow(row) if row else None


async def news(tx: Tx) -> list[News]:
    """What this person was told last, the newest first."""
    tx.actor.must_be_somebody()
    rows = select(NewsRow).where(NewsRow.person == tx.actor.person).order_by(NewsRow.id.desc()).limit(NEWEST)
    return await as_news(tx, list(await tx.session.scalars(rows)))


async def as_news(tx: Tx, rows: list[NewsRow]) -> list[News]:
    """With the titles of their tenders, and the searches that found them."""
    found = await lists.public(tx, {row.tender for row in rows})
    searches = FollowRow.kind == "search", FollowRow.id.in_({row.follow for row in rows})
    saved = await tx.session.scalars(select(FollowRow).where(*searches))
    asked = {row.id: Asked.read(parse_qsl(row.target)) for row in saved}
    return [
        News(row.tender, found[row.tender].title, row.what, row.at, asked.get(row.follow))
        for row in rows
        if row.tender in found
    ]


async def _mine(tx: Tx, follow_id: str) -> Follow:
    own = FollowRow.id == follow_id, FollowRow.person == tx.actor.person
    row = await tx.session.scalar(select(FollowRow).where(*own).execution_options(populate_existing=True))
    if row is None:
        raise unknown("follow")
    return _follow(row)


async def _name_of(tx: Tx, buyer: str) -> str:
    """A buyer here, or one of another publisher."""
    known = (await identity.organisations(tx, [buyer])).get(buyer)
    if known and known.kind == "buyer":
        return known.name
    _, notices = await publication.search(tx, Asked(buyer=buyer, status="all").question(tx.now, 1))
    if not notices:
        raise unknown("buyer")
    return notices[0].buyer


def _must_be_known(often: str) -> None:
    if often not in OFTEN:
        raise invalid("Say how often you want to be told.", often=f"Choose one of: {', '.join(OFTEN)}.")


def _named(one: Follow, title: str) -> Followed:
    if one.kind == "search":
        return search(Asked.read(parse_qsl(one.target)))
    return _tender(one.target, title) if one.kind == "tender" else _buyer(one.target, title)


def _tender(id_: str, title: str) -> Followed:
    return Followed(kind="tender", target=id_, title=title, path=f"/tenders/{id_}", feed=f"/tenders/{id_}/feed.atom")


def _buyer(id_: str, name: str) -> Followed:
    return Followed(kind="buyer", target=id_, title=name, path=f"/buyers/{id_}", feed=f"/buyers/{id_}/feed.atom")


def _follow(row: FollowRow) -> Follow:
    return Follow(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]  # a CHECK of the table
        target=row.target,
        often=row.often,  # type: ignore[arg-type]  # a CHECK of the table
        organisation=row.organisation or "",
        since=row.since,
    )
