"""Putting a rulebook in force: one administrator proposes, another activates."""

from datetime import datetime

from procurement.kernel.actor import must_be_two
from procurement.kernel.fact import Fact
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules.rulebook import Rulebook


class RulebookProposed(Fact, frozen=True, kw_only=True):
    """An administrator asked for a rulebook to be put in force. `sha256` is that of the file's bytes."""

    rulebook: str
    sha256: str
    proposed_by: str


class RulebookActivated(Fact, frozen=True, kw_only=True):
    """A second administrator put it in force: tenders published from now on freeze it."""

    rulebook: str
    sha256: str
    proposed_by: str
    activated_by: str


def activate(rulebook: Rulebook, proposed: RulebookProposed, person: str, now: datetime) -> RulebookActivated:
    """Refused("same-person") when one person does both steps; "rulebook-not-in-force" before the law is."""
    must_be_two(proposed.proposed_by, person)
    if now.astimezone(rulebook.zone).date() < rulebook.in_force:
        raise Refused("rulebook-not-in-force", f"These rules are in force from {rulebook.in_force:%d %B %Y}.")
    return RulebookActivated(
        rulebook=proposed.rulebook,
        sha256=proposed.sha256,
        proposed_by=proposed.proposed_by,
        activated_by=person,
    )
