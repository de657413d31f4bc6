"""Key holders of a test: people with keys of their own, who answer and sign as their tools do."""

from collections.abc import Sequence

import msgspec

from procurement.holders import service
from procurement.holders.rules.keys import PublicKey, read_out
from procurement.identity import service as identity
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor, system
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import Role
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.possession import answer_challenge
from procurement.kernel.sealing.roster import sign_roster

OFFICES = ("Head of internal audit", "City clerk", "Court of audit, second chamber", "Notary of the city", "Archivist")


class KeyHolder(msgspec.Struct):
    """Somebody with a key on their own device."""

    actor: Actor
    key: HolderKey
    office: str

    @property
    def id(self) -> str:
        return self.key.holder

    @property
    def public(self) -> PublicKey:
        return public_of(self.key)


def public_of(key: HolderKey) -> PublicKey:
    return PublicKey(holder=key.holder, age=key.recipient, sign=key.sign)


async def person(tx: Tx, organisation: str, name: str, *roles: Role) -> Actor:
    """A person of that organisation, who has just proved who they are."""
    made = await identity.create_person(tx, name=name, email=f"{new_id()}@marrow.example")
    for role in roles:
        await identity.grant(tx, made, organisation, role)
    held = frozenset((organisation, role) for role in roles)
    return Actor(person=made, roles=held, organisation=organisation, stepped_up_at=tx.real_now)


async def enrol(database: Database, organisation: str, office: str) -> KeyHolder:
    """A holder whose key works, and whom nobody has confirmed yet."""
    async with database.begin(system("setup")) as tx:
        actor = await person(tx, organisation, office, Role.KEY_HOLDER)
    holder = KeyHolder(actor, new_holder_key(new_id()), office)
    async with database.begin(actor) as tx:
        await service.enrol(tx, office, holder.public)
    await prove(database, holder)
    return holder


async def prove(database: Database, holder: KeyHolder, tender: str = "") -> None:
    """Answer a fresh challenge, as the holder's own tool does."""
    async with database.begin(holder.actor) as tx:
        asked = await service.ask(tx, tender)
        await service.answer(tx, asked.id, answer_challenge(asked.sealed, holder.key.identity, holder.id))


async def confirm(database: Database, holder: KeyHolder) -> Actor:
    """An owner of the holder's organisation hears the fingerprint and types it; returns the owner."""
    async with database.begin(system("setup")) as tx:
        owner = await person(tx, holder.actor.organisation, "Owner", Role.OWNER)
    async with database.begin(owner) as tx:
        mark = (await service.holder(tx, holder.id)).fingerprint
        await service.confirm(tx, holder.id, read_out(mark))
    return owner


async def sign(database: Database, holder: KeyHolder, subject: str) -> None:
    """Sign the roster of a tender as it stands."""
    async with database.begin(holder.actor) as tx:
        found = await service.own_roster(tx, subject)
        await service.sign(tx, subject, found.sha256, sign_roster(holder.key.private, found.roster))


async def confirmed(database: Database, organisations: Sequence[str]) -> list[KeyHolder]:
    """One confirmed holder for each of these organisations, in this order."""
    made = []
    for number, organisation in enumerate(organisations):
        holder = await enrol(database, organisation, OFFICES[number % len(OFFICES)])
        await confirm(database, holder)
        made.append(holder)
    return made
