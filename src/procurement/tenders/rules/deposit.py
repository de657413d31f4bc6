"""The deposit that a tender may ask of every bidder, within what its rulebook allows."""

from procurement.kernel.money import Money
from procurement.kernel.refusal import invalid
from procurement.rulebooks.rules import Rulebook


def deposit_problem(deposit: Money | None, value: Money, rulebook: Rulebook) -> str:
    """Why so much may not be asked where so much is bought, in plain words; "" when it may."""
    if deposit is None:
        return ""
    allowed = rulebook.deposit
    if allowed is None:
        return "These rules allow no deposit. Leave it empty."
    if deposit > (most := allowed.greatest(value)):
        return f"These rules allow a deposit of at most {most} for this value ({allowed.article}). Ask less, or none."
    return ""


def allowed_deposit(deposit: Money | None, value: Money | None, rulebook: Rulebook) -> Money | None:
    """What is stored: nothing is None. Refused("form-invalid") names the field `deposit`."""
    if deposit is None or deposit.amount == 0:
        return None
    if problem := deposit_problem(deposit, value or Money(0, deposit.currency), rulebook):
        raise invalid("The deposit needs another look.", deposit=problem)
    return deposit
