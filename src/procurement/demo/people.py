"""Who lives in the practice republic."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from procurement.identity import service as identity
from procurement.infra.countries import PRACTICE
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role
from procurement.opening import service as opening

REGISTER = "XM-MRW"
KEY_ROLES = (Role.OFFICER, Role.APPROVER)


class Person(msgspec.Struct, frozen=True):
    name: str
    roles: list[Role]

    @property
    def email(self) -> str:
        return f"{self.name.lower().replace(' ', '.')}@marrow.example"


class Organisation(msgspec.Struct, frozen=True):
    name: str
    kind: Literal["buyer", "supplier", "oversight", "treasury"]
    identifier: str
    people: list[Person]


class Cast(msgspec.Struct):
    """Organisation ids by name, and actors by (organisation's name, role), in the order of the fixture."""

    organisations: dict[str, str] = {}
    actors: dict[tuple[str, Role], list[Actor]] = {}

    def actor(self, organisation: str, role: Role, real_now: datetime, number: int = 0) -> Actor:
        """Somebody of that role, freshly identified."""
        found = self.actors[organisation, role][number]
        return msgspec.structs.replace(found, stepped_up_at=real_now - timedelta(seconds=1))


async def settle(tx: Tx, keyholder: Keyholder, organisations: list[Organisation]) -> Cast:
    """Make everybody, give them their roles, and the officers their key codes."""
    cast = Cast()
    for one in organisations:
        made = await identity.create_organisation(
            tx, name=one.name, kind=one.kind, country=PRACTICE, identifier_scheme=REGISTER, identifier=one.identifier
        )
        cast.organisations[one.name] = made
        for somebody in one.people:
            person = await identity.create_person(tx, name=somebody.name, email=somebody.email, fictional=True)
            for role in somebody.roles:
                await identity.grant(tx, person, made, role)
            if set(somebody.roles) & set(KEY_ROLES):
                await opening.enrol_fictional(tx, keyholder, person)
            actor = Actor(person=person, roles=frozenset((made, role) for role in somebody.roles), organisation=made)
            for role in somebody.roles:
                cast.actors.setdefault((one.name, role), []).append(actor)
    return cast
