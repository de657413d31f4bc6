"""Deputies: lent, accepted and ended; held within their dates alone; and one person with whoever they stand for."""

from datetime import UTC, datetime

import asyncpg
import pytest
from browsing import SETUP, Republic
from office import DAY, Office

from procurement.identity import service as identity
from procurement.identity.rules import delegations as rules
from procurement.identity.rules.delegations import State
from procurement.identity.service import delegations, memberships
from procurement.identity.service.delegations import Offer
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio


async def refusal(office: Office, who: str, first: str, at: datetime) -> str:
    """The code of what stops `who` from approving what `first` submitted; "" when nothing does."""
    async with office.database.begin(await office.actor(who)) as tx, tx.trying() as tried:
        tx.actor.must(P.TENDER_APPROVE, of=office.city)
        did, does = P.TENDER_DRAFT, P.TENDER_APPROVE
        await identity.must_be_two_people(tx, office.city, first, at, did=did, does=does)
    return tried.refused.code if tried.refused else ""


async def test_a_role_is_held_once_accepted_and_only_within_its_days(office: Office) -> None:
    async with office.database.begin(await office.actor(office.pia)) as tx:
        waits = await delegations.offer(
            tx, office.city, Offer(Role.APPROVER, office.ugo, tx.now - DAY, tx.now + DAY, "On leave")
        )
    assert not (await office.actor(office.ugo)).may(P.TENDER_APPROVE, office.city)
    async with office.database.begin(await office.actor(office.ugo)) as tx:
        await delegations.accept(tx, waits)
    assert (await office.actor(office.ugo)).may(P.TENDER_APPROVE, office.city)
    await office.lend(office.olga, office.ugo, Role.OFFICER, first=DAY, last=2 * DAY)
    assert not (await office.actor(office.ugo)).may(P.TENDER_DRAFT, office.city)


async def test_a_role_that_is_over_ended_or_lost_is_lent_no_more(office: Office, owner: asyncpg.Connection) -> None:
    made = await office.lend(office.pia, office.ugo, Role.APPROVER)
    await owner.execute("UPDATE delegation SET starts_at = starts_at - interval '9 days', ends_at = legal_now()")
    assert not (await office.actor(office.ugo)).may(P.TENDER_APPROVE, office.city)
    await owner.execute("UPDATE delegation SET ends_at = legal_now() + interval '1 day'")
    assert (await office.actor(office.ugo)).may(P.TENDER_APPROVE, office.city)
    async with office.database.begin(await office.actor(office.mara)) as tx:
        await delegations.end(tx, made)
    assert not (await office.actor(office.ugo)).may(P.TENDER_APPROVE, office.city)
    await office.lend(office.pia, office.ugo, Role.APPROVER)
    async with office.database.begin(await office.actor(office.mara)) as tx:
        await memberships.set_roles(tx, office.city, office.pia, [Role.OFFICER])
    assert not (await office.actor(office.ugo)).may(P.TENDER_APPROVE, office.city)
    async with office.database.begin(SETUP) as tx:
        await identity.grant(tx, office.pia, office.city, Role.APPROVER)
    assert not (await office.actor(office.ugo)).may(P.TENDER_APPROVE, office.city)


async def test_a_deputy_and_whoever_they_stand_for_are_one_person(office: Office) -> None:
    async with office.database.begin(SETUP) as tx:
        await identity.grant(tx, office.pia, office.city, Role.OFFICER)
    await office.lend(office.pia, office.ugo, Role.APPROVER)
    now = datetime.now(UTC)
    assert await refusal(office, office.ugo, office.ugo, now) == "same-person"
    assert await refusal(office, office.ugo, office.pia, now) == "same-person"  # Pia would approve her own draft
    assert await refusal(office, office.ugo, office.olga, now) == ""


async def test_what_the_deputy_drafted_is_not_approved_by_whose_role_it_was(office: Office) -> None:
    async with office.database.begin(SETUP) as tx:
        await identity.grant(tx, office.olga, office.city, Role.APPROVER)
    made = await office.lend(office.olga, office.ugo, Role.OFFICER)
    now = datetime.now(UTC)
    assert await refusal(office, office.olga, office.ugo, now) == "same-person"
    assert await refusal(office, office.pia, office.ugo, now) == ""
    async with office.database.begin(await office.actor(office.olga)) as tx:
        await delegations.end(tx, made)
    assert await refusal(office, office.olga, office.ugo, now) == "same-person"  # it was Olga's draft and stays so
    assert await refusal(office, office.olga, office.ugo, datetime.now(UTC)) == ""


async def test_two_deputies_of_one_person_are_one_person(office: Office) -> None:
    async with office.database.begin(SETUP) as tx:
        await identity.grant(tx, office.pia, office.city, Role.OFFICER)
    await office.lend(office.pia, office.ugo, Role.APPROVER)
    await office.lend(office.pia, office.mara, Role.OFFICER)
    assert await refusal(office, office.ugo, office.mara, datetime.now(UTC)) == "same-person"


async def test_whoever_acts_by_a_role_of_their_own_acts_for_nobody_else(office: Office) -> None:
    await office.lend(office.pia, office.olga, Role.APPROVER)
    assert await refusal(office, office.pia, office.olga, datetime.now(UTC)) == ""  # Olga drafts as Olga
    assert await refusal(office, office.olga, office.olga, datetime.now(UTC)) == "same-person"


async def test_who_holds_a_role_includes_the_deputies_of_these_days(office: Office) -> None:
    await office.lend(office.ugo, office.olga, Role.EVALUATOR)
    await office.lend(office.ugo, office.pia, Role.EVALUATOR, first=DAY, last=2 * DAY)
    async with office.database.begin(SETUP) as tx:
        assert await identity.people_with(tx, office.city, Role.EVALUATOR) == [office.ugo, office.olga]


async def test_the_record_says_on_whose_behalf(office: Office, owner: asyncpg.Connection) -> None:
    await office.lend(office.pia, office.ugo, Role.APPROVER)
    fact = rules.DelegationEnded(
        delegation="x", organisation=office.city, role=Role.APPROVER, giver="x", deputy="y", ended_by=""
    )
    for permission in (P.EVALUATION_READ, P.TENDER_APPROVE):
        async with office.database.begin(await office.actor(office.ugo)) as tx:
            tx.actor.must(permission, of=office.city)
            await tx.record(fact)
    rows = await owner.fetch("SELECT actor FROM ledger_record ORDER BY id DESC LIMIT 2")
    assert [row["actor"] for row in rows] == [f"person:{office.ugo} for person:{office.pia}", f"person:{office.ugo}"]


@pytest.mark.parametrize(
    "role, field",
    [(Role.OWNER, "role"), (Role.OFFICER, "role"), (Role.APPROVER, "deputy")],
)
async def test_one_lends_ones_own_to_a_colleague_without_it(office: Office, role: Role, field: str) -> None:
    async with office.database.begin(SETUP) as tx:
        await identity.grant(tx, office.ugo, office.city, Role.APPROVER)
    async with office.database.begin(await office.actor(office.pia)) as tx, tx.trying() as tried:
        asked = Offer(role, office.ugo, tx.now, tx.now + DAY, "On leave")
        await delegations.offer(tx, office.city, asked)
    assert tried.refused and set(tried.refused.fields) == {field}


async def test_a_lent_role_is_not_lent_on(office: Office) -> None:
    await office.lend(office.pia, office.ugo, Role.APPROVER)
    async with office.database.begin(await office.actor(office.ugo)) as tx, tx.trying() as tried:
        await delegations.offer(tx, office.city, Offer(Role.APPROVER, office.olga, tx.now, tx.now + DAY, "On leave"))
    assert tried.refused and set(tried.refused.fields) == {"role"}


async def test_only_the_deputy_accepts_and_strangers_see_nothing(office: Office, republic: Republic) -> None:
    async with office.database.begin(await office.actor(office.pia)) as tx:
        made = await delegations.offer(
            tx, office.city, Offer(Role.APPROVER, office.ugo, tx.now, tx.now + DAY, "On leave")
        )
    for person, code in (
        (office.pia, "not-permitted"),
        (office.olga, "delegation-unknown"),
        (republic.ines, "delegation-unknown"),
    ):
        async with office.database.begin(await office.actor(person)) as tx, tx.trying() as tried:
            await delegations.accept(tx, made)
        assert tried.refused and tried.refused.code == code, person


async def test_an_owner_sees_every_delegation_and_others_their_own(office: Office) -> None:
    made = await office.lend(office.pia, office.ugo, Role.APPROVER)
    async with office.database.begin(await office.actor(office.mara)) as tx:
        [one] = await delegations.ours(tx, office.city)
        assert (one.id, one.state(tx.now)) == (made, State.IN_FORCE)
        assert await delegations.mine(tx, office.city) == []
    async with office.database.begin(await office.actor(office.olga)) as tx:
        with pytest.raises(Refused, match="does not allow"):
            await delegations.ours(tx, office.city)
