"""Organisations: registered once, known by id ever after."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from procurement.identity.rules import addresses
from procurement.identity.rules.membership import KINDS, Organisation, OrganisationRegistered
from procurement.identity.tables import OrganisationRow
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown


async def organisation(tx: Tx, organisation_id: str) -> Organisation:
    """Refused("organisation-unknown") when there is none."""
    found = await organisations(tx, [organisation_id])
    if organisation_id not in found:
        raise unknown("organisation")
    return found[organisation_id]


async def organisations(tx: Tx, ids: Iterable[str]) -> dict[str, Organisation]:
    """Those that exist, by id."""
    rows = await tx.session.scalars(select(OrganisationRow).where(OrganisationRow.id.in_(set(ids))))
    return {row.id: value(row) for row in rows}


async def organisations_of_kind(tx: Tx, kind: str) -> list[Organisation]:
    """All of one kind (see rules.membership.KINDS), by name."""
    query = select(OrganisationRow).where(OrganisationRow.kind == kind)
    return [value(row) for row in await tx.session.scalars(query.order_by(OrganisationRow.name, OrganisationRow.id))]


async def create_organisation(
    tx: Tx, *, name: str, kind: str, country: str, identifier_scheme: str = "", identifier: str = ""
) -> str:
    """Register an organisation; returns its id. Buyers and oversight are set up by the installation itself.

    Raises Refused("organisation-registered") when the register number is known, Refused("form-invalid").
    """
    if kind != "supplier":
        tx.actor.must(P.ORGANISATION_MANAGE, of="")  # nobody holds a role in no organisation: system actors only
    return await add(tx, name, kind, country, identifier_scheme, identifier)


async def add(tx: Tx, name: str, kind: str, country: str, identifier_scheme: str, identifier: str) -> str:
    """The registration itself, once it is clear who may."""
    if kind not in KINDS:
        raise ValueError(f"no kind of organisation: {kind}")
    scheme, number = addresses.identifier(identifier_scheme, identifier)
    made = OrganisationRegistered(
        organisation=new_id(),
        name=addresses.name(name, "organisation"),
        kind=kind,
        identifier_scheme=scheme,
        identifier=number,
        country=addresses.country(country),
    )
    row: dict[str, object] = {"id": made.organisation, "name": made.name, "kind": kind, "country": made.country}
    row |= {"identifier_scheme": scheme, "identifier": number, "created_at": tx.real_now}
    stored = insert(OrganisationRow).values(**row).on_conflict_do_nothing().returning(OrganisationRow.id)
    if await tx.session.scalar(stored) is None:
        raise _registered()
    await tx.record(made, organisation=made.organisation)
    return made.organisation


def value(row: OrganisationRow) -> Organisation:
    number = row.identifier_scheme, row.identifier
    return Organisation(row.id, row.name, row.kind, *number, row.country, row.merged_into or "")


def administered(tx: Tx) -> str:
    """Institutions belong to no organisation: who administers any of the installation's may act on them."""
    return next(iter(tx.actor.organisations_with(P.ORGANISATION_REGISTER)), "")


async def must_be_new(tx: Tx, scheme: str, number: str) -> None:
    """Refused("organisation-registered") when the register number is known; registers are public."""
    same = OrganisationRow.identifier_scheme == scheme, OrganisationRow.identifier == number
    if number and await tx.session.scalar(select(OrganisationRow.id).where(*same)):
        raise _registered()


def _registered() -> Refused:
    return Refused(
        "organisation-registered",
        "This organisation is registered already. Ask one of its owners to invite you.",
        fields={"identifier": "This number is registered already."},
    )
