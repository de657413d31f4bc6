"""Keeping other publishers' releases: each once, and one notice for each of their procurements."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.tx import Tx
from procurement.publication.importer.admit import Admitted, exact
from procurement.publication.ocds.merge import compiled_release
from procurement.publication.rules.derived import Derived, derived
from procurement.publication.rules.notice import key
from procurement.publication.service.deriving import keep
from procurement.publication.tables import ImportedRelease

ONE_IMPORT_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('publication.import'))")

Process = tuple[str, str]  # source, ocid


async def take(tx: Tx, batch: Sequence[Admitted]) -> dict[str, int]:
    """Keep what is new of the batch and refresh the notices concerned; returns how many were new, by source."""
    await tx.session.execute(ONE_IMPORT_AT_A_TIME)
    await tx.clock()
    new = await _insert(tx, batch)
    await keep(tx, await derived_anew(tx, {(one.source, one.ocid) for one in new}))
    counts: dict[str, int] = defaultdict(int)
    for one in new:
        counts[one.source] += 1
    return dict(counts)


async def derived_anew(tx: Tx, processes: set[Process]) -> list[Derived]:
    """Everything that is searched of some procurements, from all of their releases."""
    found = []
    for (source, ocid), releases in (await _compiled(tx, processes)).items():
        first = datetime.fromisoformat(releases[0]["date"])
        whole = compiled_release(releases)
        found.append(derived(whole, id=key(source, ocid), source=source, published_at=first))
    return found


async def _insert(tx: Tx, batch: Sequence[Admitted]) -> list[Admitted]:
    by_key = {(one.source, one.ocid, one.release_id, one.digest): one for one in batch}
    if not by_key:
        return []
    rows = [_row(one, tx.now) for one in by_key.values()]
    columns = (ImportedRelease.source, ImportedRelease.ocid, ImportedRelease.release_id, ImportedRelease.digest)
    added = insert(ImportedRelease).on_conflict_do_nothing().returning(*columns)
    return [by_key[row.source, row.ocid, row.release_id, row.digest] for row in await tx.session.execute(added, rows)]


def _row(one: Admitted, at: datetime) -> dict[str, Any]:
    return {
        "source": one.source,
        "ocid": one.ocid,
        "release_id": one.release_id,
        "digest": one.digest,
        "date": one.date,
        "body": one.body,
        "mends": msgspec.json.decode(exact.encode(one.mends)),
        "at": at,
    }


async def _compiled(tx: Tx, processes: set[Process]) -> dict[Process, list[dict[str, Any]]]:
    """All releases of the procurements, in the order in which they count: by date, then as they were taken."""
    found: dict[Process, list[dict[str, Any]]] = defaultdict(list)
    rows = (
        select(ImportedRelease.source, ImportedRelease.ocid, ImportedRelease.body)
        .where(tuple_(ImportedRelease.source, ImportedRelease.ocid).in_(processes))
        .order_by(ImportedRelease.date, ImportedRelease.id)
    )
    for row in (await tx.session.execute(rows)).all() if processes else ():
        found[row.source, row.ocid].append(msgspec.json.decode(row.body))
    return found
