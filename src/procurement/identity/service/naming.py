"""Names of organisations: the one they have, and those they had. Times are legal, as those of what bears a name."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import select

from procurement.identity.organisation_tables import FormerName
from procurement.identity.rules import addresses, changes
from procurement.identity.rules.membership import Organisation
from procurement.identity.service import registry
from procurement.identity.tables import OrganisationRow
from procurement.infra import freshness
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown


class Former(msgspec.Struct, frozen=True):
    name: str
    until: datetime


class History(msgspec.Struct, frozen=True):
    """The names it had, the organisation it goes on as (since `merged_at`), and those that merged into it."""

    former: tuple[Former, ...]
    into: Organisation | None
    merged_at: datetime | None
    before: tuple[Organisation, ...]


async def rename(tx: Tx, organisation: str, name: str) -> None:
    """Give it another name from now on. A supplier's owner does it; for the others an administrator.

    Refused("not-permitted", 403), ("organisation-merged"), ("form-invalid").
    """
    at = await registry.organisation(tx, organisation)
    if at.kind == "supplier" and tx.actor.may(P.ORGANISATION_MANAGE, at.id):
        tx.actor.must(P.ORGANISATION_MANAGE, of=at.id)
    else:
        tx.actor.must(P.ORGANISATION_REGISTER, of=registry.administered(tx))
    row = await _locked(tx, organisation)
    fact = changes.renamed(registry.value(row), addresses.name(name))
    tx.session.add(FormerName(organisation=organisation, until=tx.now, name=row.name))
    row.name = fact.name
    await tx.record(fact, organisation=organisation)
    await freshness.changed(tx, freshness.FRAME)


async def _locked(tx: Tx, organisation: str) -> OrganisationRow:
    found = select(OrganisationRow).where(OrganisationRow.id == organisation).with_for_update()
    row = await tx.session.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise unknown("organisation")
    await tx.clock()
    return row


async def former_names(tx: Tx, organisation: str) -> list[Former]:
    """Those it had before, the latest first."""
    rows = await tx.session.scalars(
        select(FormerName).where(FormerName.organisation == organisation).order_by(FormerName.until.desc())
    )
    return [Former(row.name, row.until) for row in rows]


async def history(tx: Tx, organisation: str) -> History:
    """Everything that a public page says of the past of an organisation; empty for an unknown one."""
    row = await tx.session.get(OrganisationRow, organisation)
    merged = select(OrganisationRow).where(OrganisationRow.merged_into == organisation).order_by(OrganisationRow.name)
    goes_on = (await registry.organisations(tx, [row.merged_into])) if row and row.merged_into else {}
    return History(
        former=tuple(await former_names(tx, organisation)),
        into=next(iter(goes_on.values()), None),
        merged_at=row.merged_at if row else None,
        before=tuple(registry.value(one) for one in await tx.session.scalars(merged)),
    )


async def organisations_at(tx: Tx, ids: Iterable[str], at: datetime) -> dict[str, Organisation]:
    """Organisations by id, under the name that each had at a moment of legal time."""
    later = FormerName.organisation == OrganisationRow.id, FormerName.until > at
    then = select(FormerName.name).where(*later).order_by(FormerName.until).limit(1).scalar_subquery()
    rows = await tx.session.execute(select(OrganisationRow, then).where(OrganisationRow.id.in_(set(ids))))
    named = ((registry.value(row), name) for row, name in rows)
    return {one.id: msgspec.structs.replace(one, name=name or one.name) for one, name in named}
