"""The city's office, whose people lend each other roles, review who has access, and merge with others."""

from datetime import UTC, datetime, timedelta

from browsing import SETUP, Republic

from procurement.identity.service import delegations
from procurement.identity.service.delegations import Offer
from procurement.identity.service.held import held
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role

DAY = timedelta(days=1)


class Office:
    """The city's office: Olga is officer, Pia approver, Ugo evaluator, Mara owner."""

    def __init__(self, republic: Republic, database: Database) -> None:
        self.city, self.olga, self.pia = republic.city, republic.olga, republic.pia
        self.database, self.ugo, self.mara = database, "", ""

    async def actor(self, person: str) -> Actor:
        async with self.database.begin(SETUP) as tx:
            known = await held(tx.session, person)
        stepped = datetime.now(UTC)
        return Actor(
            person=person, roles=known.roles, organisation=self.city, stepped_up_at=stepped, deputy_for=known.lent
        )

    async def lend(self, giver: str, deputy: str, role: Role, *, first: timedelta = -DAY, last: timedelta = DAY) -> str:
        """Offered and accepted, from `first` to `last` as seen from now."""
        async with self.database.begin(await self.actor(giver)) as tx:
            asked = Offer(role, deputy, tx.now + first, tx.now + last, "On leave")
            made = await delegations.offer(tx, self.city, asked)
        async with self.database.begin(await self.actor(deputy)) as tx:
            await delegations.accept(tx, made)
        return made
