"""Deputies, in their days, are written to like those they stand in for, and open the inbox; after them, not."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tendering import SETUP, Town, refused
from told import Work, letters

from procurement.clarifications import service as clarifications
from procurement.identity import service as identity
from procurement.identity.service import delegations
from procurement.identity.service.delegations import Offer
from procurement.identity.service.held import held
from procurement.identity.service.mailing import belongs, people_who
from procurement.infra.mail import Mail
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import P, Role
from procurement.notices.service import inbox

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def acting(database: Database, person: str, organisation: str) -> Actor:
    """Somebody with the roles that they hold now, the lent ones too."""
    async with database.begin(SETUP) as tx:
        known = await held(tx.session, person)
    roles = {"roles": known.roles, "deputy_for": known.lent}
    return Actor(person=person, organisation=organisation, stepped_up_at=datetime.now(UTC), **roles)


async def offered(database: Database, town: Town) -> tuple[str, str]:
    """Ugo, an evaluator of the city, is asked to stand in for its approver; himself and the delegation."""
    async with database.begin(SETUP) as tx:
        ugo = await identity.create_person(tx, name="Ugo", email="ugo@marrow.example")
        await identity.grant(tx, ugo, town.city, Role.EVALUATOR)
    async with database.begin(town.pia) as tx:
        asked = Offer(Role.APPROVER, ugo, tx.now - DAY, tx.now + DAY, "On leave")
        return ugo, await delegations.offer(tx, town.city, asked)


async def test_a_deputy_is_written_to_and_opens_what_came(
    database: Database, town: Town, tender: str, work: Work, post: Mail
) -> None:
    ugo, delegation = await offered(database, town)
    async with database.begin(await acting(database, ugo, town.city)) as tx:
        await delegations.accept(tx, delegation)
    async with database.begin(town.ines) as tx:
        await clarifications.ask(tx, tender, "Is work at night allowed between the quay and the market?")
    await work()
    told = [letter for letter in letters(post) if letter.to == "ugo@marrow.example" and "/inbox/" in letter.text]
    assert len(told) == 1
    deputy = await acting(database, ugo, town.city)
    async with database.begin(deputy) as tx:
        [waiting], _ = await inbox.inbox(tx)
        assert (await inbox.open_message(tx, waiting.id)).read_by == ugo
        assert await belongs(tx, ugo, town.city)
        await delegations.end(tx, delegation)
        assert ugo not in dict(await people_who(tx, P.INBOX_READ, [town.city])).values()
    assert await refused(database, await acting(database, ugo, town.city), inbox.inbox) == "not-permitted"


async def test_whoever_is_asked_to_stand_in_is_told_by_letter(
    database: Database, town: Town, work: Work, post: Mail
) -> None:
    await offered(database, town)
    await work()
    [letter] = [one for one in letters(post) if one.to == "ugo@marrow.example"]
    assert letter.subject == "A role is offered to you"
    assert "Pia of City of Marrow" in letter.text and "/organisation/deputies" in letter.text
    assert "On leave" not in letter.text, "why is between the two of them"


async def test_those_of_the_organisation_that_goes_on_are_written_to(
    database: Database, town: Town, owner: asyncpg.Connection
) -> None:
    async with database.begin(SETUP) as tx:
        before = await people_who(tx, P.INBOX_READ, [town.city, town.roads])
        assert (town.roads, town.pia.person) not in before and (town.roads, town.rosa.person) in before
    await owner.execute(
        "UPDATE organisation SET merged_into = $1, merged_at = now() WHERE id = $2", town.city, town.roads
    )
    async with database.begin(SETUP) as tx:
        after = await people_who(tx, P.INBOX_READ, [town.roads])
    assert (town.roads, town.pia.person) in after and not {org for org, _ in after} - {town.roads}
