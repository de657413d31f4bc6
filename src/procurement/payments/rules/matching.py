"""To what a movement on the bank account belongs, as far as nobody has to guess. Pure.

Only what is certain is done by itself: one reference of ours with right check digits, of a charge or of a refund that
was ordered. Everything else waits for a person, with a proposal where exactly one thing fits.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec
from stdnum import iso11649

from procurement.kernel.money import Money
from procurement.payments.rules.references import FIGURES
from procurement.payments.rules.statement import Line

REFERENCE = re.compile(rf"(?=(RF\d{{{FIGURES + 2}}}))")  # overlapping: figures before or after do not hide one
NOT_WRITTEN = re.compile(r"[^A-Z0-9]+")


class Outcome(StrEnum):
    """What a line turned out to be."""

    PAID = "paid"  # a payment for the charge
    REFUND_SENT = "refund-sent"
    REFUND_RETURNED = "refund-returned"  # a refund came back: the account does not exist, for instance
    TAKEN_BACK = "taken-back"  # the bank took an earlier payment back
    SET_ASIDE = "set-aside"  # a person said that it is none of ours
    PERSON = "person"


class Why(StrEnum):
    """Why a person has to look."""

    NO_REFERENCE = "no-reference"
    ONE_FITS = "one-fits"
    WRONG_REFERENCE = "wrong-reference"
    UNKNOWN_REFERENCE = "unknown-reference"
    SEVERAL_REFERENCES = "several-references"
    OTHER_CURRENCY = "other-currency"
    OTHER_AMOUNT = "other-amount"
    REVERSAL = "reversal"
    WENT_OUT = "went-out"
    NOT_POSSIBLE = "not-possible"


class Asked(msgspec.Struct, frozen=True):
    """A charge that a line may be for, and what of it is still to be paid."""

    charge: str
    reference: str
    owed: Money


class Going(msgspec.Struct, frozen=True):
    """A refund that goes out by transfer, or went."""

    refund: str
    reference: str
    money: Money
    account: str
    sent: bool


class Earlier(msgspec.Struct, frozen=True):
    """A line of before, and the payment or refund that it was."""

    money: Money
    bank_reference: str
    payment: str = ""
    refund: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """`charge`, `refund` or `payment` is what the line belongs to; with PERSON it is only proposed."""

    outcome: Outcome
    why: Why | None = None
    charge: str = ""
    refund: str = ""
    payment: str = ""


class Known(msgspec.Struct, frozen=True):
    """What a line is held against: charges that its references name or its amount fits, refunds, and lines of before
    that the bank names alike."""

    charges: Sequence[Asked] = ()
    refunds: Sequence[Going] = ()
    earlier: Sequence[Earlier] = ()


def references_in(line: Line) -> list[str]:
    """Every reference of our form with right check digits, each once; spaces, case and signs between do not matter."""
    written = [_bare(words) for words in (line.reference, line.text, line.end_to_end)]
    found = [hit[1] for words in written for hit in REFERENCE.finditer(words)]
    return list(dict.fromkeys(one for one in found if iso11649.is_valid(one)))


def judge(line: Line, known: Known) -> Verdict:
    """What the line is. A reference that is only mistyped is never corrected: its check digits exist to tell."""
    if line.reversal:
        return _reversed(line, known.earlier)
    return _came_in(line, known) if line.money.amount > 0 else _went_out(line, known.refunds)


def _reversed(line: Line, earlier: Iterable[Earlier]) -> Verdict:
    """A movement is taken back under the bank's own reference, with the opposite amount."""
    undone = [one for one in earlier if one.money == line.money * -1 and one.bank_reference == line.bank_reference]
    if line.bank_reference and len(undone) == 1:
        if undone[0].payment:
            return Verdict(Outcome.TAKEN_BACK, payment=undone[0].payment)
        if undone[0].refund:
            return Verdict(Outcome.REFUND_RETURNED, refund=undone[0].refund)
    return Verdict(Outcome.PERSON, Why.REVERSAL)


def _came_in(line: Line, known: Known) -> Verdict:
    named = references_in(line)
    if came_back := [one for one in known.refunds if one.reference in named]:
        return _one_refund(came_back, line.money, Outcome.REFUND_RETURNED)
    charges = [one for one in known.charges if one.reference in named]
    if len(charges) > 1:
        return Verdict(Outcome.PERSON, Why.SEVERAL_REFERENCES)
    if charges and charges[0].owed.currency != line.money.currency:
        return Verdict(Outcome.PERSON, Why.OTHER_CURRENCY, charge=charges[0].charge)
    if charges:
        return Verdict(Outcome.PAID, charge=charges[0].charge)
    if named:
        return _perhaps(line, known.charges, Why.UNKNOWN_REFERENCE)
    mistyped = any(REFERENCE.search(_bare(words)) for words in (line.reference, line.text))
    return _perhaps(line, known.charges, Why.WRONG_REFERENCE if mistyped else Why.NO_REFERENCE)


def _perhaps(line: Line, charges: Iterable[Asked], why: Why) -> Verdict:
    """A proposal where exactly one open charge asks for this amount."""
    fitting = [one.charge for one in charges if one.owed == line.money]
    if len(fitting) == 1:
        return Verdict(Outcome.PERSON, Why.ONE_FITS if why is Why.NO_REFERENCE else why, charge=fitting[0])
    return Verdict(Outcome.PERSON, why)


def _went_out(line: Line, refunds: Sequence[Going]) -> Verdict:
    amount = line.money * -1
    ours = references_in(line)
    if named := [one for one in refunds if one.reference in ours]:
        return _one_refund(named, amount, Outcome.REFUND_SENT)
    fitting = [one for one in refunds if one.money == amount and one.account == line.account and not one.sent]
    if len(fitting) == 1 and line.account:
        return Verdict(Outcome.PERSON, Why.ONE_FITS, refund=fitting[0].refund)
    return Verdict(Outcome.PERSON, Why.WENT_OUT)


def _one_refund(found: Sequence[Going], amount: Money, outcome: Outcome) -> Verdict:
    """What carries the reference and the amount of one refund. It goes once, and returns only after it went."""
    one = found[0]
    if len(found) > 1:
        return Verdict(Outcome.PERSON, Why.SEVERAL_REFERENCES)
    if one.money != amount or one.sent is not (outcome is Outcome.REFUND_RETURNED):
        return Verdict(Outcome.PERSON, Why.OTHER_AMOUNT, refund=one.refund)
    return Verdict(outcome, refund=one.refund)


def _bare(words: str) -> str:
    return NOT_WRITTEN.sub("", words.upper())
