"""Buyers, oversight bodies and the treasury: registered by an administrator, who invites the first people."""

import msgspec

from procurement.identity.rules import addresses
from procurement.identity.rules.membership import Organisation
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused, invalid

KINDS = ("buyer", "oversight", "treasury")
NEEDED = {
    "buyer": (Role.OWNER, Role.OFFICER, Role.APPROVER),
    "oversight": (Role.OWNER,),
    "treasury": (Role.OWNER, Role.TREASURER),
}


class NewInstitution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`kind` is "buyer", "oversight" or "treasury". `owner` is the e-mail address of who will manage its people; a
    buyer may have its first officer and approver invited at once, who are two people."""

    kind: str
    name: str
    country: str
    owner: str
    officer: str = ""
    approver: str = ""
    identifier_scheme: str = ""
    identifier: str = ""


class Institution(msgspec.Struct, frozen=True):
    """A registered body with how many people work for it, the roles it needs and nobody holds, and how many invitations
    are open."""

    organisation: Organisation
    people: int
    missing: tuple[Role, ...]
    invited: int

    @property
    def has_owner(self) -> bool:
        return Role.OWNER not in self.missing


def check(new: NewInstitution) -> dict[Role, str]:
    """The addresses to invite, by role. Refused("form-invalid") names every wrong field at once."""
    asked = {Role.OWNER: new.owner, Role.OFFICER: new.officer, Role.APPROVER: new.approver}
    addresses.all_at_once(
        lambda: _kind(new.kind),
        lambda: addresses.name(new.name),
        lambda: addresses.country(new.country),
        lambda: addresses.identifier(new.identifier_scheme, new.identifier),
        *(lambda role=role, typed=typed: addresses.email(typed, role) for role, typed in asked.items() if typed),
        lambda: addresses.email(new.owner, "owner"),
        lambda: _two(new),
    )
    return {role: addresses.email(typed, role) for role, typed in asked.items() if typed}


def _kind(kind: str) -> None:
    if kind not in KINDS:
        raise invalid("Choose what it is.", kind="Choose a buyer, an oversight body or the treasury.")


def _two(new: NewInstitution) -> None:
    """Only buyers have officers and approvers, and whoever approves is not who drafts."""
    wrong = {}
    if new.kind != "buyer":
        wrong = {role: "Only a buyer has one." for role in ("officer", "approver") if getattr(new, role)}
    elif new.approver and new.approver.strip().lower() == new.officer.strip().lower():
        wrong = {"approver": "Somebody else has to approve what the officer drafts."}
    if wrong:
        raise invalid("Check whom you invite.", **wrong)


def must_have_no_owner(institution: Institution) -> None:
    """Administrators invite until there is an owner; then the owner does."""
    if institution.has_owner:
        raise Refused("organisation-owned", "This organisation has an owner, who invites its people.")
