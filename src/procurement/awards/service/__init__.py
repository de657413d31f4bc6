"""What can be done with awards. Every function takes the transaction first and raises `Refused`."""

from procurement.awards.rules import Award, Choice, Hold
from procurement.awards.service.deciding import approve, propose, send_back
from procurement.awards.service.holds import lift_hold, place_hold
from procurement.awards.service.reading import (
    Desk,
    Letter,
    award,
    decision,
    decisions,
    desk,
    letter,
    locked_award,
    standstill_words,
)
from procurement.awards.service.store import lock_all, must_be_of

__all__ = [
    "Award",
    "Choice",
    "Desk",
    "Hold",
    "Letter",
    "approve",
    "award",
    "decision",
    "decisions",
    "desk",
    "letter",
    "lift_hold",
    "lock_all",
    "locked_award",
    "must_be_of",
    "place_hold",
    "propose",
    "send_back",
    "standstill_words",
]
