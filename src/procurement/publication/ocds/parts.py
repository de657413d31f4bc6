"""The building blocks of a release: values, periods, organisations, documents."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from procurement.identity.rules.membership import Organisation
from procurement.infra import countries
from procurement.kernel.money import Money
from procurement.tenders.rules.model import Document

Json = dict[str, Any]


def present(**fields: Any) -> Json:
    """Only what is said: OCDS leaves a field out rather than empty."""
    return {
        name: value for name, value in fields.items() if value is not None and value != "" and value not in ([], {})
    }


def moment(at: datetime) -> str:
    """RFC 3339 in UTC, to the second; a part of a second stays."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def value(money: Money) -> Json:
    return {"amount": exact(money.decimal()), "currency": money.currency}


def exact(number: Decimal) -> Decimal | int:
    """A number as JSON should show it: 12, not 12.00."""
    return int(number) if number == number.to_integral_value() else number.normalize()


def period(start: datetime | None, end: datetime | None) -> Json:
    return present(startDate=moment(start) if start else None, endDate=moment(end) if end else None)


def reference(organisation: Organisation) -> Json:
    return {"id": organisation.id, "name": organisation.name}


def parties(roles: Mapping[str, Iterable[str]], organisations: Mapping[str, Organisation]) -> list[Json]:
    """Each organisation once with all its roles. `roles` maps an OCDS role to organisation ids."""
    held: dict[str, list[str]] = {}
    for role, ids in roles.items():
        for id_ in ids:
            held.setdefault(id_, []).append(role)
    return [_party(organisations[id_], found) for id_, found in held.items()]


def _party(organisation: Organisation, roles: list[str]) -> Json:
    identifier = present(scheme=organisation.identifier_scheme, id=organisation.identifier, legalName=organisation.name)
    return present(
        id=organisation.id,
        name=organisation.name,
        identifier=identifier if organisation.identifier else None,
        address=present(countryName=countries.called_here(organisation.country)),
        roles=roles,
    )


def document(found: Document, kind: str, url: str) -> Json:
    """`kind` is a word of the documentType codelist."""
    return present(
        id=found.id,
        documentType=kind,
        title=found.name,
        url=url,
        datePublished=moment(found.published_at) if found.published_at else None,
        format=found.media_type,
    )
