"""The town, and three people who hold keys: two of the city, one of an outside institution."""

from pathlib import Path

import pytest
from holding import KeyHolder, confirmed, sign
from tendering import Keys, Town, complete_draft, settle_town
from wanting import KEYS, WORDS

from procurement.holders import offline
from procurement.identity import service as identity
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.tenders import service as tenders


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


@pytest.fixture
async def court(database: Database) -> str:
    """An institution outside the buyer."""
    async with database.begin(system("setup")) as tx:
        return await identity.create_organisation(tx, name="Audit Court", kind="oversight", country="XM")


@pytest.fixture
async def three(database: Database, town: Town, court: str) -> list[KeyHolder]:
    return await confirmed(database, [town.city, town.city, court])


@pytest.fixture
async def draft(database: Database, town: Town, three: list[KeyHolder]) -> str:
    """Any two of the three are to open it; nobody has signed yet."""
    async with database.begin(town.olga) as tx:
        one = await complete_draft(tx)
        await tenders.choose_seal(tx, one, "S2", 2, [holder.id for holder in three])
    return one


@pytest.fixture
async def tender(database: Database, town: Town, keys: Keys, three: list[KeyHolder], draft: str) -> str:
    """Published, and opened in thirty days."""
    for one in three:
        await sign(database, one, draft)
    async with database.begin(town.olga) as tx:
        await tenders.submit(tx, keys, draft)  # type: ignore[arg-type]  # a keyholder as the town has one
    async with database.begin(town.pia) as tx:
        await tenders.approve(tx, keys, draft)  # type: ignore[arg-type]
    return draft


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A holder's device, with a key file, `key.age`, and its passphrase."""
    made = tmp_path_factory.mktemp("device")
    (made / "passphrase").write_text(WORDS)
    (made / "key.age").write_bytes(offline.lock(KEYS[0], WORDS))
    return made
