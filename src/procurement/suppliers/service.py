"""Suppliers' profiles: written by themselves, read by everyone."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.suppliers import rules
from procurement.suppliers.rules import Details, Profile
from procurement.suppliers.tables import Supplier


async def profile(tx: Tx, organisation: str) -> Profile:
    """A supplier's public profile; empty details until it writes some. Refused("supplier-unknown")."""
    found = await profiles(tx, [organisation])
    if organisation not in found:
        raise unknown("supplier")
    return found[organisation]


async def profiles(tx: Tx, ids: Iterable[str]) -> dict[str, Profile]:
    """Those of the organisations that are suppliers, by organisation id."""
    named = {at.id: at for at in (await identity.organisations(tx, ids)).values() if at.kind == "supplier"}
    rows = await tx.session.scalars(select(Supplier).where(Supplier.organisation.in_(named)))
    described = {row.organisation: _details(row) for row in rows}
    return {
        at.id: Profile(at.id, at.name, at.identifier_scheme, at.identifier, at.country, described.get(at.id, Details()))
        for at in named.values()
    }


async def describe(tx: Tx, organisation: str, typed: Details) -> None:
    """Write one's own profile. Refused("supplier-unknown"), Refused("not-permitted"), Refused("form-invalid")."""
    at = await profile(tx, organisation)
    tx.actor.must(P.SUPPLIER_EDIT, of=at.organisation)
    row = await tx.session.scalar(select(Supplier).where(Supplier.organisation == organisation).with_for_update())
    details, fact = rules.describe(organisation, _details(row) if row else None, typed)
    if fact is None:
        return
    values = msgspec.structs.asdict(details) | {"categories": list(details.categories), "changed_at": tx.now}
    stored = insert(Supplier).values(organisation=organisation, **values)
    await tx.session.execute(stored.on_conflict_do_update(index_elements=[Supplier.organisation], set_=values))
    await tx.record(fact, organisation=organisation)


def _details(row: Supplier) -> Details:
    return Details(
        street=row.street,
        locality=row.locality,
        region=row.region,
        postal_code=row.postal_code,
        website=row.website,
        contact_email=row.contact_email,
        small=row.small,
        categories=tuple(row.categories),
    )
