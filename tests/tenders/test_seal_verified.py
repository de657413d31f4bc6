"""The verifier reads the key holders of a real double lock, and names a key that somebody swapped in the database."""

import base64

import asyncpg
import httpx
import msgspec
import pytest
from anyio import from_thread, to_thread
from holding import confirmed, sign
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from tendering import Keys, Town, complete_draft

from procurement.identity import service as identity
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.checkpoint import SignerKey
from procurement.tenders import service
from procurement.verifier import whole
from procurement.verifier.log import Broken

pytestmark = pytest.mark.anyio

KEY = SignerKey("test.example/record", bytes(32))


@pytest.fixture
async def ocid(database: Database, town: Town, keys: Keys, ordering: async_sessionmaker[AsyncSession]) -> str:
    """A public tender under a double lock, in the signed record."""
    async with database.begin(system("setup")) as tx:
        court = await identity.create_organisation(tx, name="Audit Court", kind="oversight", country="XM")
    three = await confirmed(database, [town.city, town.city, court])
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
        await service.choose_seal(tx, tender, "S2", 2, [one.id for one in three])
    async with database.begin(town.olga) as tx:
        await service.submit(tx, keys, tender)  # type: ignore[arg-type]  # a keyholder as the town has one
    for one in three:
        await sign(database, one, tender)
    async with database.begin(town.pia) as tx:
        fact = await service.approve(tx, keys, tender)  # type: ignore[arg-type]
    await Sequencer(ordering, KEY).run_once()
    return fact.ocid


async def verified(client: httpx.AsyncClient, ocid: str) -> list[str]:
    """What `procurement verify tender` would say was checked."""

    def fetch(path: str) -> bytes:
        answer = from_thread.run(client.get, path)
        if answer.status_code != httpx.codes.OK:
            raise Broken(f"{path} answers {answer.status_code}")
        return answer.content

    return (await to_thread.run_sync(lambda: whole.verify(fetch, KEY.verifier, ocid)))[1].checks


async def test_a_swapped_key_is_named(client: httpx.AsyncClient, ocid: str, owner: asyncpg.Connection) -> None:
    said = "2 of 3 key holders open together: all enrolled, and signed for each other"
    assert said in await verified(client, ocid)
    for table in ("key_holder", "roster", "roster_seat"):
        await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    content = await owner.fetchval("SELECT content FROM roster")
    true = msgspec.json.decode(content)["holders"][0]["sign"]
    swapped = base64.b64encode(KEY.verifier.key).decode()
    forged = content.replace(true.encode(), swapped.encode())
    await owner.execute("UPDATE key_holder SET sign = $1 WHERE sign = $2", swapped, true)
    await owner.execute("UPDATE roster SET content = $1, sha256 = $2", forged, sha256_hex(forged))
    with pytest.raises(Broken, match=r"/roster (was altered|answers)"):
        await verified(client, ocid)
