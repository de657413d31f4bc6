"""Organisations, the roles people hold in them, and what is recorded about both.

Facts carry ids of people, never their names: names live in tables that can be erased.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.permissions import GRANTS, P, Role
from procurement.kernel.refusal import Refused, invalid

INVITATION = timedelta(days=7)

_ROLES = {
    "buyer": (Role.OWNER, Role.OFFICER, Role.APPROVER, Role.EVALUATOR, Role.KEY_HOLDER),
    "supplier": (Role.OWNER, Role.MEMBER, Role.SIGNATORY),
    "oversight": (Role.OWNER, Role.AUDITOR, Role.ADMINISTRATOR, Role.KEY_HOLDER),
    "treasury": (Role.OWNER, Role.TREASURER, Role.KEY_HOLDER),
}
KINDS = tuple(_ROLES)


class Organisation(msgspec.Struct, frozen=True):
    """`identifier_scheme` is a code of org-id.guide, as in OCDS; `country` ISO 3166-1 alpha-2.

    `merged_into` is the organisation that goes on instead, "" while it does so itself.
    """

    id: str
    name: str
    kind: str
    identifier_scheme: str
    identifier: str
    country: str
    merged_into: str = ""


class Member(msgspec.Struct, frozen=True):
    """A person in an organisation, with every role held there now."""

    person: str
    name: str
    email: str
    roles: tuple[Role, ...]
    since: datetime


class OrganisationRegistered(Fact, frozen=True, kw_only=True):
    organisation: str
    name: str
    kind: str
    identifier_scheme: str
    identifier: str
    country: str


class MemberInvited(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    invitation: str
    organisation: str
    role: Role
    expires_at: datetime


class MembershipGranted(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    person: str
    organisation: str
    role: Role


class MembershipEnded(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    person: str
    organisation: str
    role: Role


class PersonErased(Fact, frozen=True, kw_only=True):
    """Somebody closed their account: their number leads to no name any more."""

    visible: ClassVar[Visible] = Visible.PARTIES
    person: str


def roles_of(kind: str) -> tuple[Role, ...]:
    """The roles that exist in an organisation of this kind."""
    return _ROLES[kind]


def must_fit(kind: str, roles: Iterable[Role]) -> None:
    """Refused("form-invalid") when a role does not exist in this kind of organisation."""
    if not set(roles) <= set(_ROLES[kind]):
        raise invalid("Choose a role from the list.", role="This role does not exist in your organisation.")


def must_be_apart(kind: str, elsewhere: Iterable[str]) -> None:
    """Refused("conflict-of-interest", 403) where a person of the treasury would work anywhere else, or the other way
    round: the treasury sees who paid a deposit, and so who bids."""
    if any((kind == "treasury") is not (other == "treasury") for other in elsewhere):
        raise Refused(
            "conflict-of-interest",
            "The treasury sees before the opening who bids. So its people work for no buyer, supplier or oversight "
            "body here, and theirs not for the treasury. Leave the other organisation first.",
            status=403,
        )


def _manages(roles: Iterable[Role]) -> bool:
    """An owner does; in the body of the administrators they do too."""
    return any(P.ORGANISATION_MANAGE in GRANTS[role] for role in roles)


def successors(members: Iterable[Member], person: str) -> list[Member]:
    """Those whom the last owner can name; nobody where somebody else is an owner too, or the person is none."""
    everybody = list(members)
    owners = [member.person for member in everybody if _manages(member.roles)]
    return [member for member in everybody if member.person != person] if owners == [person] else []


def must_leave_an_owner(members: Iterable[Member], person: str, *, roles_after: Iterable[Role] = ()) -> None:
    """Refused("last-owner") when nobody would be left who can manage the organisation."""
    others = any(_manages(member.roles) for member in members if member.person != person)
    managed = any(_manages(member.roles) for member in members if member.person == person)
    if managed and not others and not _manages(roles_after):
        raise Refused("last-owner", "An organisation needs an owner. Make somebody else an owner first. Where nobody "
                      "else is there, ask the administrators of this service: two of them appoint one.")  # fmt: skip
