"""How bids of a tender are sealed, at least: the level and the quorum that its rulebook asks for its value."""

from procurement.holders.rules.rosters import Asked
from procurement.kernel.money import Money
from procurement.rulebooks.rules import Rulebook


def asked(rulebook: Rulebook, value: Money) -> Asked:
    """The rulebook's minimum. A higher level, more holders and a higher quorum are the buyer's choice."""
    seal = rulebook.seal(value)
    if seal.quorum is None:
        return Asked(level=seal.level)
    return Asked(level=seal.level, quorum=seal.quorum.open, members=seal.quorum.members)
