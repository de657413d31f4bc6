"""Legal holds: placed by one auditor or administrator, lifted by two."""

from sqlalchemy import select

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.retention import rules
from procurement.retention.rules import About, Hold, LegalHoldLifted, LegalHoldLiftRequested, LegalHoldPlaced
from procurement.retention.tables import LegalHoldRow
from procurement.tenders import service as tenders

MOST = 200  # holds in a list


def anywhere(tx: Tx, permission: P) -> str:
    """An organisation in which the actor has the permission: records belong to no single one. "" for nobody."""
    return next(iter(tx.actor.organisations_with(permission)), "")


async def place(tx: Tx, about: About, subject: str, reason: str) -> str:
    """Keep everything about a procurement (its tender's id), an organisation or a person; returns the hold's id.

    Refused("tender-unknown", "organisation-unknown", "person-unknown", 404), ("form-invalid", 422).
    """
    tx.actor.must(P.HOLD_PLACE, of=anywhere(tx, P.HOLD_PLACE))
    why = rules.reason(reason)
    await _must_exist(tx, about, subject)
    hold_id = new_id()
    tx.session.add(
        LegalHoldRow(
            id=hold_id,
            about=about,
            subject=subject,
            reason=why,
            placed_by=tx.actor.person,
            placed_at=tx.now,
            lift_reason="",
        )
    )
    if about == "person":
        await identity.keep(tx, subject, hold_id)
    await tx.record(LegalHoldPlaced(hold=hold_id, about=about, subject=subject))
    return hold_id


async def ask_to_lift(tx: Tx, hold_id: str, reason: str) -> None:
    """The first of two persons: say why the hold may end."""
    tx.actor.must(P.HOLD_LIFT, of=anywhere(tx, P.HOLD_LIFT))
    row = await _row(tx, hold_id)
    rules.may_ask_to_lift(_hold(row))
    row.lift_reason = rules.reason(reason)
    row.lift_asked_by, row.lift_asked_at = tx.actor.person, tx.now
    await tx.record(LegalHoldLiftRequested(hold=hold_id))


async def lift(tx: Tx, hold_id: str) -> None:
    """The second person ends the hold. Refused("same-person", 403) for the first one, and for either's deputy."""
    ours = anywhere(tx, P.HOLD_LIFT)
    tx.actor.must(P.HOLD_LIFT, of=ours)
    row = await _row(tx, hold_id)
    held = _hold(row)
    rules.may_lift(held, tx.actor.person)
    lifting = {"did": P.HOLD_LIFT, "does": P.HOLD_LIFT}
    await identity.must_be_two_people(tx, ours, held.lift_asked_by, held.lift_asked_at, **lifting)
    row.lifted_by, row.lifted_at = tx.actor.person, tx.now
    await identity.let_go(tx, hold_id)
    await tx.record(LegalHoldLifted(hold=hold_id))


async def lock(tx: Tx, hold_id: str) -> None:
    """Whoever changes a hold holds its row. Refused("hold-unknown", 404)."""
    await _row(tx, hold_id)


async def hold(tx: Tx, hold_id: str) -> Hold:
    """Refused("hold-unknown", 404)."""
    tx.actor.must(P.RETENTION_READ, of=anywhere(tx, P.RETENTION_READ))
    row = await tx.session.get(LegalHoldRow, hold_id)
    if row is None:
        raise unknown("hold")
    return _hold(row)


async def holds(tx: Tx) -> list[Hold]:
    """Those that stand first, then those that were lifted; the newest first among each."""
    tx.actor.must(P.RETENTION_READ, of=anywhere(tx, P.RETENTION_READ))
    order = LegalHoldRow.lifted_at.is_(None).desc(), LegalHoldRow.placed_at.desc(), LegalHoldRow.id
    return [_hold(row) for row in await tx.session.scalars(select(LegalHoldRow).order_by(*order).limit(MOST))]


async def _must_exist(tx: Tx, about: About, subject: str) -> None:
    if about == "process":
        await tenders.ocid(tx, subject)
    elif about == "organisation":
        await identity.organisation(tx, subject)
    elif subject not in await identity.person_names(tx, [subject]):
        raise unknown("person")


async def _row(tx: Tx, hold_id: str) -> LegalHoldRow:
    query = select(LegalHoldRow).where(LegalHoldRow.id == hold_id).with_for_update()
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise unknown("hold")
    return row


def _hold(row: LegalHoldRow) -> Hold:
    return Hold(
        id=row.id,
        about=row.about,  # type: ignore[arg-type]  # the table checks it
        subject=row.subject,
        reason=row.reason,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        lift_asked_by=row.lift_asked_by or "",
        lift_asked_at=row.lift_asked_at,
        lift_reason=row.lift_reason,
        lifted_by=row.lifted_by or "",
        lifted_at=row.lifted_at,
    )
