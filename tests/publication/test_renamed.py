"""A buyer gets another name: its procurements are listed and found under it, and still by the old one."""

import asyncpg
import pytest
from evaluated import Scene
from searched import ask
from tendering import SETUP
from test_publishing import award, found, read_out
from waiting import Work

from procurement.identity.rules.changes import OrganisationMerged, OrganisationRenamed
from procurement.identity.tables import OrganisationRow
from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.publication.service import naming

pytestmark = pytest.mark.anyio
NEW = "Harbour Roadbuilders"


async def give_name(tx: Tx, organisation: str, name: str) -> None:
    """As identity does it; whoever may is its own test."""
    row = await tx.session.get_one(OrganisationRow, organisation)
    await tx.record(OrganisationRenamed(organisation=row.id, previous=row.name, name=name), organisation=row.id)
    row.name = name


async def test_rows_follow_the_new_name_and_are_still_found_by_the_old_one(
    scene: Scene, work: Work, owner: asyncpg.Connection
) -> None:
    await read_out(scene)
    await award(scene)
    await work()
    supplier = scene.suppliers["harbour"].organisation
    waiting = "SELECT collection FROM search_waiting ORDER BY 1"
    await owner.execute("DELETE FROM search_waiting")
    async with scene.database.begin(SETUP) as tx:
        await give_name(tx, supplier, NEW)
    await work()
    assert (await found(scene.database, scene.tender_id)).suppliers == (NEW,)
    assert {row["collection"] for row in await owner.fetch(waiting)} == set(Collection), "the index is told"
    for words in (NEW, "harbour paving"):
        assert (await ask(scene.database, words=words)).found == (scene.tender_id,)
    assert (await ask(scene.database, collection=Collection.ORGANISATIONS, words=NEW)).found == (supplier,)
    before = await owner.fetch("SELECT * FROM notice")
    await owner.execute("UPDATE outbox SET done_at = NULL WHERE topic LIKE '%derive_next%'")
    await work()
    assert await owner.fetch("SELECT * FROM notice") == before


async def test_who_merged_is_found_by_the_name_of_who_goes_on(
    scene: Scene, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "SOME", 1)  # so that one batch calls the next
    await read_out(scene)
    await award(scene)
    await work()
    one, into = (scene.suppliers[name].organisation for name in ("harbour", "adler"))
    async with scene.database.begin(SETUP) as tx:
        row = await tx.session.get_one(OrganisationRow, one)
        row.merged_into, row.merged_at = into, tx.now
        fact = OrganisationMerged(organisation=one, into=into, proposed_by="", carried_by="", evidence="")
        await tx.record(fact, organisation=one)
        name = (await tx.session.get_one(OrganisationRow, into)).name
    hits = await ask(scene.database, words=name)
    assert not hits.found or hits.instead, "not by the name itself"
    await work()
    assert (await found(scene.database, scene.tender_id)).suppliers == ("Harbour Paving",)
    hits = await ask(scene.database, words=name)
    assert (hits.found, hits.instead) == ((scene.tender_id,), "")
