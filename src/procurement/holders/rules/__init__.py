"""What a key holder is, when a roster may be sealed to, and when somebody has to act. Pure."""

from procurement.holders.rules.facts import (
    HoldersShort,
    KeyHolderConfirmed,
    KeyHolderEnded,
    KeyHolderEnrolled,
    PossessionProved,
    ProofsAsked,
    RosterAsked,
    RosterFrozen,
    RosterSigned,
    Seated,
)
from procurement.holders.rules.model import Chosen, Holder, Level, Seat, State

__all__ = [
    "Chosen",
    "Holder",
    "HoldersShort",
    "KeyHolderConfirmed",
    "KeyHolderEnded",
    "KeyHolderEnrolled",
    "Level",
    "PossessionProved",
    "ProofsAsked",
    "RosterAsked",
    "RosterFrozen",
    "RosterSigned",
    "Seat",
    "Seated",
    "State",
]
