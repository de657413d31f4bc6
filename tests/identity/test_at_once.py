"""Two requests at the same moment: what may happen once happens once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pyotp
import pytest
from browsing import PASSWORD, SETUP, Republic, link_in
from waiting import Letters

from procurement.identity import service as identity
from procurement.identity.service import invitations, memberships, recovery, second_factor, sign_in
from procurement.identity.service.registration import Registration, ask, finish
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import NOBODY, Actor
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio


async def at_once(database: Database, actors: list[Actor], what: Callable[[Tx], Awaitable[object]]) -> list[str]:
    """Do it in one transaction for each actor at the same time; returns "done" or the refusal's code of each."""

    async def one(actor: Actor) -> str:
        try:
            async with database.begin(actor) as tx:
                await what(tx)
        except Refused as no:
            return no.code
        return "done"

    return sorted(await asyncio.gather(*(one(actor) for actor in actors)))


async def test_two_owners_cannot_both_step_down(republic: Republic, database: Database) -> None:
    async with database.begin(SETUP) as tx:
        await identity.grant(tx, republic.tom, republic.harbour, Role.OWNER)
    held = frozenset({(republic.harbour, Role.OWNER)})
    owners = [Actor(person=who, roles=held) for who in (republic.ines, republic.tom)]

    async def leave(tx: Tx) -> None:
        await memberships.remove(tx, republic.harbour, tx.actor.person)

    assert await at_once(database, owners, leave) == ["done", "last-owner"]


async def test_one_code_signs_in_once(republic: Republic, database: Database) -> None:
    ines = Actor(person=republic.ines, stepped_up_at=datetime.now(UTC))
    async with database.begin(ines) as tx:
        await second_factor.begin(tx)
        secret = (await second_factor.setup(tx, "test") or ("", ""))[0]
        await second_factor.confirm(tx, pyotp.TOTP(secret).now())
        _, first = await sign_in.with_password(tx, "ines@marrow.example", PASSWORD)
        _, second = await sign_in.with_password(tx, "ines@marrow.example", PASSWORD)
        code = pyotp.TOTP(secret).at(tx.real_now, counter_offset=1)
    challenges = iter([first, second])

    async def enter(tx: Tx) -> None:
        await sign_in.with_code(tx, next(challenges), code)

    assert await at_once(database, [NOBODY, NOBODY], enter) == ["code-refused", "done"]


async def test_one_link_sets_one_password(republic: Republic, database: Database) -> None:
    async with database.begin(SETUP) as tx:
        _, token = await recovery.new_link(tx, republic.ines) or ("", "")

    async def use(tx: Tx) -> None:
        await recovery.recover(tx, token, f"seven kites at {id(tx)}")

    assert await at_once(database, [NOBODY, NOBODY], use) == ["done", "recovery-expired"]


async def test_one_invitation_is_accepted_once(republic: Republic, database: Database) -> None:
    owner = Actor(person=republic.ines, roles=frozenset({(republic.harbour, Role.OWNER)}))
    async with database.begin(owner) as tx:
        made = await invitations.invite(tx, republic.harbour, "ana@marrow.example", Role.MEMBER)
        _, token = await invitations.new_link(tx, made) or (None, "")

    async def accept(tx: Tx) -> None:
        await invitations.accept(tx, token)

    people = [Actor(person=republic.olga), Actor(person=republic.pia)]
    assert await at_once(database, people, accept) == ["done", "invitation-expired"]


async def test_one_address_registers_once(database: Database, letters: Letters) -> None:
    for number in ("77-001", "77-002"):
        form = Registration(
            name="Anna Adler", email="anna@adler.example", password=PASSWORD, organisation="Adler Strassenbau",
            country="XM", identifier_scheme="XM-REG", identifier=number,
        )  # fmt: skip
        async with database.begin(NOBODY) as tx:
            await ask(tx, form)
    links = [link_in(letter, "/register").removeprefix("/register/") for letter in await letters()]
    waiting = iter(links)

    async def enrol(tx: Tx) -> None:
        await finish(tx, next(waiting))

    assert await at_once(database, [NOBODY, NOBODY], enrol) == ["done", "email-taken"]
