"""Publishing a step: its release for ever, then the notice and the sums that follow from all releases."""

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.publication.ocds.merge import compiled_release
from procurement.publication.ocds.package import encoder, release
from procurement.publication.rules.derived import Derived, Names, called, derived
from procurement.publication.rules.notice import Notice
from procurement.publication.service.deriving import keep
from procurement.publication.service.reading import bodies_of, notices
from procurement.publication.tables import ReleaseRow, Spending

ONE_STEP_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('publication:' || :ocid, 0))")


async def lock(tx: Tx, ocid: str) -> None:
    """Steps of one procurement are published one after the other."""
    await tx.session.execute(ONE_STEP_AT_A_TIME, {"ocid": ocid})


def release_id(ocid: str, record_id: int) -> str:
    """The release of a recorded fact: publishing it twice is publishing it once."""
    return f"{ocid}-{record_id}"


async def publish(
    tx: Tx, tender_id: str, ocid: str, record_id: int, at: datetime, tag: str, language: str, /, **sections: Any
) -> None:
    """Write the release of a recorded fact and bring the notice up to date. Doing it again changes nothing."""
    await lock(tx, ocid)
    id_ = release_id(ocid, record_id)
    body = encoder.encode(release(ocid, id_, at, [tag], language, **sections))
    row = {"id": id_, "record_id": record_id, "ocid": ocid, "date": at, "body": body}
    await tx.session.execute(insert(ReleaseRow).values(row).on_conflict_do_nothing())
    await _refresh(tx, tender_id, ocid)


async def compiled(tx: Tx, ocid: str) -> dict[str, Any]:
    """How a procurement of ours stands, from everything published so far."""
    return compiled_release([msgspec.json.decode(body) for body in await bodies_of(tx, ocid)])


async def derived_anew(tx: Tx, tender_id: str, ocid: str) -> Derived:
    """Everything that is searched of a procurement of ours, from all of its releases; names are those of today."""
    first = select(func.min(ReleaseRow.date)).where(ReleaseRow.ocid == ocid)
    published_at = (await tx.session.execute(first)).scalar_one()
    found = derived(await compiled(tx, ocid), id=tender_id, source="", published_at=published_at)
    return called(found, await _names(tx, {one.id for one in found.organisations}))


async def _names(tx: Tx, ids: set[str]) -> Names:
    """What organisations are called today, by id, each before whoever goes on in its place."""
    known = await identity.organisations(tx, ids)
    into = {id_: await identity.successor(tx, id_) for id_, one in known.items() if one.merged_into}
    successors = await identity.organisations(tx, into.values()) if into else {}
    called_today = {id_: (one.name,) for id_, one in known.items()}
    return called_today | {id_: (known[id_].name, successors[other].name) for id_, other in into.items()}


async def _refresh(tx: Tx, tender_id: str, ocid: str) -> None:
    after = await derived_anew(tx, tender_id, ocid)
    before = (await notices(tx, [tender_id])).get(tender_id)
    if before is not None:
        await _spend(tx, before, -1)
    await _spend(tx, after.notice, +1)
    await keep(tx, [after])


async def _spend(tx: Tx, notice: Notice, sign: int) -> None:
    """Add an award to its month, or take it out again before its new sum is added."""
    if notice.award is None or notice.awarded_at is None:
        return
    estimated = notice.value is not None and notice.value.currency == notice.award.currency
    sums = {
        "awards": sign,
        "single": sign if notice.bids == 1 else 0,
        "amount": sign * notice.award.amount,
        "estimate": sign * (notice.value.amount if estimated and notice.value else notice.award.amount),
    }
    key = {
        "month": date(notice.awarded_at.year, notice.awarded_at.month, 1),
        "buyer_id": notice.buyer_id,
        "kind": notice.kind,
        "currency": notice.award.currency,
    }
    added = insert(Spending).values(key | sums)
    await tx.session.execute(
        added.on_conflict_do_update(
            index_elements=list(key), set_={name: Spending.__table__.c[name] + added.excluded[name] for name in sums}
        )
    )
