"""The fictional republic at the start of a test, two browsers, and the letters people get."""

from collections.abc import AsyncIterator
from functools import cache

import httpx
import pytest
from browsing import PASSWORD, SETUP, Browser, Republic
from office import Office
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import update
from waiting import Letters, letters_of

from procurement.identity import service as identity
from procurement.identity.tables import Person
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role
from procurement.settings import Settings


@cache
def _password_hash() -> str:
    """Of the real kind, but quick to check: what a test is about is rarely how slow that is."""
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)).hash(PASSWORD)


@pytest.fixture
async def republic(database: Database) -> Republic:
    made = Republic()
    async with database.begin(SETUP) as tx:
        made.harbour = await identity.create_organisation(
            tx, name="Harbour Paving Co-operative", kind="supplier", country="XM",
            identifier_scheme="XM-REG", identifier="118-204",
        )  # fmt: skip
        made.city = await identity.create_organisation(tx, name="City of Marrow", kind="buyer", country="XM")
        people = {"ines": "Ines Duarte", "tom": "Tom Bell", "olga": "Olga Reis"}
        for key, name in people.items():
            setattr(made, key, await identity.create_person(tx, name=name, email=f"{key}@marrow.example"))
        made.pia = await identity.create_person(tx, name="Pia Lund", email="pia@marrow.example", fictional=True)
        await tx.session.execute(update(Person).where(~Person.fictional).values(password_hash=_password_hash()))
        for role in (Role.OWNER, Role.SIGNATORY):
            await identity.grant(tx, made.ines, made.harbour, role)
        await identity.grant(tx, made.tom, made.harbour, Role.MEMBER)
        await identity.grant(tx, made.olga, made.city, Role.OFFICER)
        await identity.grant(tx, made.pia, made.city, Role.APPROVER)
    return made


@pytest.fixture
async def office(republic: Republic, database: Database) -> Office:
    one = Office(republic, database)
    async with database.begin(SETUP) as tx:
        one.ugo = await identity.create_person(tx, name="Ugo Vale", email="ugo@marrow.example")
        one.mara = await identity.create_person(tx, name="Mara Lund", email="mara@marrow.example")
        await identity.grant(tx, one.ugo, one.city, Role.EVALUATOR)
        await identity.grant(tx, one.mara, one.city, Role.OWNER)
    return one


@pytest.fixture
def browser(client: httpx.AsyncClient) -> Browser:
    return Browser(client)


@pytest.fixture
async def another(client: httpx.AsyncClient) -> AsyncIterator[Browser]:
    """A second browser on the same service."""
    transport = client._transport  # httpx has no public name for it
    async with httpx.AsyncClient(transport=transport, base_url=str(client.base_url)) as second:
        yield Browser(second)


@pytest.fixture
def letters(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Letters:
    return letters_of(settings, database, monkeypatch)
