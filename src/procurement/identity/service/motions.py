"""What two administrators do together, on evidence: appoint an owner, and let one organisation go on as another."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select, update

from procurement.identity.organisation_tables import MotionRow
from procurement.identity.rules import addresses, changes
from procurement.identity.rules.changes import Kind, Motion
from procurement.identity.rules.membership import Organisation
from procurement.identity.service import delegations, invitations, memberships, people, registry
from procurement.identity.tables import Invitation, Membership, OrganisationRow
from procurement.infra import freshness
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import Refused, unknown

MOST = 100


async def propose_owner(tx: Tx, organisation: str, email: str, evidence: str) -> str:
    """Ask a second administrator to make the holder of an address an owner; returns the motion's id.

    Refused("already-proposed") while one waits, ("organisation-merged"), ("form-invalid").
    """
    _administrates(tx)
    at = await registry.organisation(tx, organisation)
    if at.merged_into:
        raise Refused("organisation-merged", "This organisation has merged. Appoint an owner of the one that goes on.")
    checked: dict[str, str] = {}
    addresses.all_at_once(
        lambda: checked.update(email=addresses.email(email)),
        lambda: checked.update(evidence=changes.evidence(evidence)),
    )
    return await _propose(tx, "owner", at, checked["evidence"], email=checked["email"])


async def propose_merge(tx: Tx, organisation: str, successor: str, evidence: str) -> str:
    """Ask a second administrator to let it go on as `successor`. Refused as `propose_owner` and rules.must_merge say.

    Nothing here asks what either has bid for or drafted: an answer would tell an administrator of sealed bids.
    """
    _administrates(tx)
    at = await registry.organisation(tx, organisation)
    into = (await registry.organisations(tx, [successor])).get(successor)
    if into is None:
        raise changes.no_successor()
    changes.must_merge(at, into)
    return await _propose(tx, "merge", at, changes.evidence(evidence, "grounds"), successor=into.id)


async def waiting(tx: Tx, organisation: str = "") -> list[Motion]:
    """Those that a second administrator has not yet decided on, the oldest first; one organisation's or all."""
    _administrates(tx)
    query = select(MotionRow).where(MotionRow.decided_at.is_(None))
    if organisation:
        query = query.where(MotionRow.organisation == organisation)
    rows = await tx.session.scalars(query.order_by(MotionRow.proposed_at, MotionRow.id).limit(MOST))
    return [_value(row) for row in rows]


async def decline(tx: Tx, motion_id: str) -> None:
    """Drop it, as any administrator. Refused("motion-unknown", 404) when it was decided."""
    tx.actor.must(P.ORGANISATION_REGISTER, of=registry.administered(tx))
    row = await _locked(tx, motion_id)
    row.decided_by, row.decided_at, row.carried = tx.actor.person, tx.real_now, False
    fact = changes.MotionDeclined(
        motion=row.id, kind=_value(row).kind, organisation=row.organisation, declined_by=tx.actor.person
    )
    await tx.record(fact, organisation=row.organisation)


async def carry(tx: Tx, motion_id: str) -> None:
    """Carry it out, as a second administrator who has just proved who they are.

    Refused("motion-unknown", 404), ("same-person", 403), ("step-up-needed", 403), ("organisation-merged").
    """
    tx.actor.must_be_stepped_up(tx.real_now)
    row = await _locked(tx, motion_id)
    changes.must_carry(_value(row), tx.actor.person)
    await _must_gain_nothing(tx, row)
    row.decided_by, row.decided_at, row.carried = tx.actor.person, tx.real_now, True
    await (_appoint(tx, row) if row.kind == "owner" else _merge(tx, row))


async def _must_gain_nothing(tx: Tx, row: MotionRow) -> None:
    """Refused("same-person", 403) for the administrator who would be the owner: then one alone would have decided."""
    gains = await people.person_of_email(tx, row.email) if row.email else None
    if gains and gains.id in (tx.actor.person, row.proposed_by):
        raise Refused(
            "same-person",
            "One of the two administrators would become the owner. Two others than the new owner have to decide.",
            status=403,
        )


async def _propose(
    tx: Tx, kind: Kind, at: Organisation, evidence: str, *, email: str | None = None, successor: str | None = None
) -> str:
    waits = MotionRow.organisation == at.id, MotionRow.kind == kind, MotionRow.decided_at.is_(None)
    await tx.session.execute(select(OrganisationRow.id).where(OrganisationRow.id == at.id).with_for_update())
    if await tx.session.scalar(select(MotionRow.id).where(*waits)):
        raise Refused("already-proposed", "This waits for a second administrator already.")
    row = MotionRow(
        id=new_id(),
        kind=kind,
        organisation=at.id,
        successor=successor,
        email=email,
        evidence=evidence,
        evidence_key=secrets.token_bytes(32),
        proposed_by=tx.actor.person,
        proposed_at=tx.real_now,
    )
    tx.session.add(row)
    shown = changes.commitment(row.evidence_key, evidence)
    fact = changes.MotionProposed(
        motion=row.id, kind=kind, organisation=at.id, proposed_by=tx.actor.person, evidence=shown
    )
    await tx.record(fact, organisation=at.id)
    return row.id


async def _appoint(tx: Tx, row: MotionRow) -> None:
    """Whoever works there becomes an owner at once; anybody else is invited to be one."""
    address = row.email or ""
    account = await people.person_of_email(tx, address)
    works = Membership.organisation == row.organisation, Membership.until.is_(None)
    here = account and await tx.session.scalar(
        select(Membership.id).where(*works, Membership.person == account.id).limit(1)
    )
    if account and here:
        await memberships.begin(tx, account.id, row.organisation, Role.OWNER)
    else:
        await invitations.begin(tx, row.organisation, address, Role.OWNER)
    fact = changes.OwnerAppointed(
        organisation=row.organisation,
        person=account.id if account and here else "",
        proposed_by=row.proposed_by,
        carried_by=tx.actor.person,
        evidence=changes.commitment(row.evidence_key, row.evidence),
    )
    await tx.record(fact, organisation=row.organisation)


async def _merge(tx: Tx, row: MotionRow) -> None:
    """From here on its people hold their roles in the successor, whose people hold theirs in it: see held.py."""
    into = row.successor or ""
    both = select(OrganisationRow).where(OrganisationRow.id.in_([row.organisation, into])).order_by(OrganisationRow.id)
    locked = both.with_for_update().execution_options(populate_existing=True)
    rows = {one.id: one for one in await tx.session.scalars(locked)}
    await tx.clock()
    changes.must_merge(registry.value(rows[row.organisation]), registry.value(rows[into]))
    rows[row.organisation].merged_into, rows[row.organisation].merged_at = into, tx.now
    await _move_people(tx, row.organisation, into)
    open_ = Invitation.organisation == row.organisation, *invitations.is_open(tx)
    await tx.session.execute(update(Invitation).where(*open_).values(withdrawn_at=tx.real_now))
    fact = changes.OrganisationMerged(
        organisation=row.organisation,
        into=into,
        proposed_by=row.proposed_by,
        carried_by=tx.actor.person,
        evidence=changes.commitment(row.evidence_key, row.evidence),
    )
    await tx.record(fact, organisation=row.organisation)
    await freshness.changed(tx, freshness.FRAME)


async def _move_people(tx: Tx, organisation: str, into: str) -> None:
    await tx.session.execute(memberships.ONE_AT_A_TIME, {"organisation": organisation})
    held = Membership.organisation == organisation, Membership.until.is_(None)
    rows: Sequence[Membership] = (await tx.session.scalars(select(Membership).where(*held))).all()
    for person in sorted({one.person for one in rows}):
        roles = sorted(Role(one.role) for one in rows if one.person == person)
        await delegations.end_with(tx, organisation, person, roles, leaves=True)
        for role in roles:
            await memberships.finish(tx, person, organisation, role)
            await memberships.begin(tx, person, into, role)


async def _locked(tx: Tx, motion_id: str) -> MotionRow:
    _administrates(tx)
    open_ = MotionRow.id == motion_id, MotionRow.decided_at.is_(None)
    row = await tx.session.scalar(select(MotionRow).where(*open_).with_for_update())
    if row is None:
        raise unknown("motion")
    return row


def _administrates(tx: Tx) -> None:
    tx.actor.must(P.ORGANISATION_REGISTER, of=registry.administered(tx))


def _value(row: MotionRow) -> Motion:
    kind: Kind = "owner" if row.kind == "owner" else "merge"
    return Motion(
        row.id,
        kind,
        row.organisation,
        row.successor or "",
        row.email or "",
        row.evidence,
        row.proposed_by,
        row.proposed_at,
    )
