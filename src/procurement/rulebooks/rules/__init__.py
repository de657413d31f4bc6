"""What a rulebook may say, and how a period of a rulebook is counted. Pure.

A rulebook is a TOML file; nothing of a country stands in code.
"""

from procurement.rulebooks.rules.activation import RulebookActivated, RulebookProposed, activate
from procurement.rulebooks.rules.parts import (
    AbnormallyLow,
    Approvals,
    AwardMethod,
    ChallengeFee,
    Deposit,
    Event,
    FeeBand,
    Opening,
    Period,
    Periods,
    PriceFormula,
    Procedure,
    Quorum,
    Seal,
    Source,
    TwoPersons,
)
from procurement.rulebooks.rules.rulebook import Rulebook, add_period, read

__all__ = [
    "AbnormallyLow",
    "Approvals",
    "AwardMethod",
    "ChallengeFee",
    "Deposit",
    "Event",
    "FeeBand",
    "Opening",
    "Period",
    "Periods",
    "PriceFormula",
    "Procedure",
    "Quorum",
    "Rulebook",
    "RulebookActivated",
    "RulebookProposed",
    "Seal",
    "Source",
    "TwoPersons",
    "activate",
    "add_period",
    "read",
]
