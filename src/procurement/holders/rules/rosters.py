"""Which holders a tender may be sealed to, and what is missing before bids may be."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from procurement.holders.rules.facts import RosterFrozen, RosterSigned, Seated
from procurement.holders.rules.model import LEVELS, Chosen, Holder, Level, Seat, State
from procurement.holders.rules.proofs import FRESH, has_proved
from procurement.kernel.refusal import Refused, invalid
from procurement.kernel.sealing import roster as kernel
from procurement.kernel.sealing.shamir import MOST

SPEAKS = {"S2": 2, "S3": 3}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules ask of a tender: at least this level, and where it has holders at least `quorum` of at least
    `members` of them."""

    level: Level
    quorum: int = kernel.FEWEST
    members: int = kernel.FEWEST


def choose(
    subject: str, buyer: str, level: Level, quorum: int, holders: Sequence[Holder], asked: Asked
) -> kernel.Roster:
    """The roster of these holders, in this order.

    Refused("form-invalid") names `level`, `quorum` or `holders`: below what the rules ask, too few or too many, a key
    that nobody confirmed, two keys of one person, or at S3 none from another organisation.
    """
    must_reach(level, asked)
    if level == "S1":
        raise ValueError("level S1 has no roster")
    if problem := _problem(buyer, level, holders, asked):
        raise invalid("The key holders need another look.", holders=problem)
    if not asked.quorum <= quorum <= len(holders):
        raise invalid(
            "The number needs another look.",
            quorum=f"Choose how many act together: from {asked.quorum} to {len(holders)}.",
        )
    return kernel.Roster(tender=subject, level=level, m=quorum, holders=tuple(holder.public for holder in holders))


def must_suffice(chosen: Chosen | None, asked: Asked) -> None:
    """Refused("form-invalid") when what was chosen, None for level S1, does not do any more what the rules ask."""
    must_reach(chosen.level if chosen else "S1", asked)
    if chosen is not None:
        holders = [seat.holder for seat in chosen.seats]
        choose(chosen.subject, chosen.buyer, chosen.level, chosen.quorum, holders, asked)


def must_reach(level: Level, asked: Asked) -> None:
    """Refused("form-invalid") for a level below the one that the rules ask."""
    if LEVELS.index(level) < LEVELS.index(asked.level):
        raise invalid(
            "The rules ask for more.", level=f"For this value the rules ask for level {asked.level} at least."
        )


def _problem(buyer: str, level: Level, holders: Sequence[Holder], asked: Asked) -> str:
    fewest = max(asked.members, asked.quorum, kernel.FEWEST)
    if len(holders) < fewest:
        return f"Choose at least {fewest} key holders."
    if len(holders) > MOST:
        return f"Choose at most {MOST} key holders."
    if any(holder.state is not State.CONFIRMED for holder in holders):
        return "Choose only holders whose key a second person has confirmed."
    if len({holder.person for holder in holders}) < len(holders):
        return "Each has to be another person: two keys of one person are one lock."
    if level == "S3" and all(holder.organisation == buyer for holder in holders):
        return "Level S3 asks for at least one holder from another organisation."
    return ""


def sign(chosen: Chosen, holder: Holder, signature: str) -> RosterSigned:
    """Refused("roster-frozen"), ("not-in-roster", 404), ("key-holder-ended"), ("signature-wrong", 422)."""
    must_not_be_frozen(chosen)
    seat = chosen.seat_of(holder.id)
    if seat is None:
        raise Refused("not-in-roster", "You are not among the key holders of this tender.", status=404)
    if holder.state is not State.CONFIRMED:
        raise Refused("key-holder-ended", "Your key is no longer used. The officer chooses the roster anew.")
    kernel.check_roster_signature(chosen.roster, holder.id, signature)
    return RosterSigned(tender=chosen.subject, holder=holder.id, roster=chosen.sha256, signature=signature)


def must_not_be_frozen(chosen: Chosen | None) -> None:
    """Refused("roster-frozen"): bids are sealed to it."""
    if chosen is not None and chosen.frozen_at is not None:
        raise Refused(
            "roster-frozen",
            "The tender is public, and bids are sealed to these key holders. They cannot change any more: every bid "
            "would have to be sealed again. Cancel the tender and publish it anew where that is needed.",
        )


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """What one holder still has to do before publication."""

    holder: Holder
    signature: bool
    proof: bool
    key: bool  # the key ended meanwhile: another holder has to be chosen


def missing(chosen: Chosen, now: datetime) -> tuple[Missing, ...]:
    """Those of the roster who have not signed it, or not proved possession in the last seven days."""
    found = (_missing(seat, now) for seat in chosen.seats)
    return tuple(one for one in found if one.signature or one.proof or one.key)


def _missing(seat: Seat, now: datetime) -> Missing:
    return Missing(
        holder=seat.holder,
        signature=not seat.signed,
        proof=not has_proved(seat.holder, now - FRESH),
        key=seat.holder.state is not State.CONFIRMED,
    )


def must_be_whole(chosen: Chosen, now: datetime) -> None:
    """Refused("key-holders-missing") says who of the roster is, and for what."""
    if found := missing(chosen, now):
        raise Refused("key-holders-missing", f"Bids cannot be sealed yet. {' '.join(words(one) for one in found)}")
    kernel.check_all_signed(chosen.roster, chosen.signatures)


def words(one: Missing) -> str:
    """What one holder has to do, in plain words."""
    if one.key:
        return f"{one.holder.office} has no confirmed key any more: choose somebody else."
    if one.signature and one.proof:
        return f"{one.holder.office} has to sign the roster and prove that the key is there."
    if one.signature:
        return f"{one.holder.office} has to sign the roster."
    return f"{one.holder.office} has to prove anew that the key is there: the last proof is older than seven days."


def frozen(chosen: Chosen) -> RosterFrozen:
    """What is public of a roster that is whole."""
    holders = [
        Seated(one.id, one.office, one.organisation, one.age, one.sign, chosen.signatures[one.id])
        for one in chosen.roster.holders
    ]
    return RosterFrozen(
        tender=chosen.subject, level=chosen.level, m=chosen.quorum, roster=chosen.sha256, holders=holders
    )
