"""Organisations get another name, go on as another one, or need a new owner. Pure.

What two administrators decide rests on evidence (an entry in a register, a law, a court's order). Its words may name
people, so a fact carries a commitment to them alone: an HMAC-SHA-256 under a key that is erased with the words.
"""

import hashlib
import hmac
from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from procurement.identity.rules.membership import Organisation
from procurement.kernel.actor import must_be_two
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused, invalid

MOST_EVIDENCE = 2000  # characters
Kind = Literal["owner", "merge"]


class Motion(msgspec.Struct, frozen=True):
    """What one administrator proposes and another carries out. `successor` is "" for an owner, `email` for a merger."""

    id: str
    kind: Kind
    organisation: str
    successor: str
    email: str
    evidence: str
    proposed_by: str
    proposed_at: datetime


class OrganisationRenamed(Fact, frozen=True, kw_only=True):
    organisation: str
    previous: str
    name: str


class OrganisationMerged(Fact, frozen=True, kw_only=True):
    """`organisation` goes on as `into` from this moment; `evidence` is a keyed commitment in hexadecimal."""

    organisation: str
    into: str
    proposed_by: str
    carried_by: str
    evidence: str


class OwnerAppointed(Fact, frozen=True, kw_only=True):
    """`person` is "" where the new owner has no account there yet, and is invited."""

    visible: ClassVar[Visible] = Visible.PARTIES
    organisation: str
    person: str
    proposed_by: str
    carried_by: str
    evidence: str


class MotionProposed(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    motion: str
    kind: Kind
    organisation: str
    proposed_by: str
    evidence: str


class MotionDeclined(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    motion: str
    kind: Kind
    organisation: str
    declined_by: str


def commitment(key: bytes, evidence: str) -> str:
    return hmac.digest(key, evidence.encode(), hashlib.sha256).hex()


def evidence(typed: str, field: str = "evidence") -> str:
    """What shows that it is right. Refused("form-invalid") when it is empty or too long."""
    text = typed.strip()
    if not text or len(text) > MOST_EVIDENCE:
        raise invalid("Say what shows it.", **{field: f"Enter the evidence, in 1 to {MOST_EVIDENCE} characters."})
    return text


def renamed(at: Organisation, name: str) -> OrganisationRenamed:
    """Refused("form-invalid") when it is the name it has."""
    if name == at.name:
        raise invalid("This is its name now.", name="Enter the new name.")
    return OrganisationRenamed(organisation=at.id, previous=at.name, name=name)


def must_merge(one: Organisation, into: Organisation) -> None:
    """Refused("form-invalid"): another organisation of the same kind goes on, and neither has merged before."""
    if one.id == into.id:
        raise invalid("Choose two organisations.", successor="Enter another organisation than this one.")
    if one.kind != into.kind:
        raise invalid("They differ in kind.", successor="A buyer goes on as a buyer, a supplier as a supplier.")
    if one.merged_into or into.merged_into:
        raise Refused("organisation-merged", "One of the two has merged already.")


def no_successor() -> Refused:
    return invalid("There is no such organisation.", successor="Enter the number of the organisation that goes on.")


def must_carry(motion: Motion, person: str) -> None:
    """Refused("same-person", 403): another administrator than the one who proposed it."""
    must_be_two(motion.proposed_by, person)
