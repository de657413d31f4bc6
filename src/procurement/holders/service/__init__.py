"""What can be done with holders' keys and rosters, for pages, programs and later stages."""

from procurement.holders.rules.model import Chosen, Holder, Level
from procurement.holders.rules.rosters import Asked
from procurement.holders.service.calls import call, short
from procurement.holders.service.keys import (
    confirm,
    confirmed,
    end,
    end_with_role,
    enrol,
    holder,
    must_own,
    of_organisation,
    own,
    waiting,
)
from procurement.holders.service.proofs import Challenge, answer, ask, challenge
from procurement.holders.service.rosters import (
    About,
    choose,
    finish,
    freeze,
    own_roster,
    own_rosters,
    own_seat,
    postpone,
    roster,
    rosters,
    sign,
)

__all__ = [
    "About",
    "Asked",
    "Challenge",
    "Chosen",
    "Holder",
    "Level",
    "answer",
    "ask",
    "call",
    "challenge",
    "choose",
    "confirm",
    "confirmed",
    "end",
    "end_with_role",
    "enrol",
    "finish",
    "freeze",
    "holder",
    "must_own",
    "of_organisation",
    "own",
    "own_roster",
    "own_rosters",
    "own_seat",
    "postpone",
    "roster",
    "rosters",
    "short",
    "sign",
    "waiting",
]
