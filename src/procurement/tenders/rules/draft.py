"""What a draft still needs before somebody else may approve it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from procurement.holders.rules import Chosen
from procurement.holders.rules.rosters import must_suffice
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import Procedure, Rulebook
from procurement.tenders.rules.deposit import deposit_problem
from procurement.tenders.rules.model import Criterion, Tender
from procurement.tenders.rules.seal import asked
from procurement.tenders.rules.timetable import earliest_deadline

Step = Literal["about", "lots", "items", "criteria", "documents", "seal", "timetable"]
STEPS: tuple[Step, ...] = ("about", "lots", "items", "criteria", "documents", "seal", "timetable")
WHOLE = 100  # per cent


class Task(msgspec.Struct, frozen=True):
    """One step of the draft; `missing` says in plain words what it still needs, empty when it is complete."""

    step: Step
    missing: tuple[str, ...]

    @property
    def done(self) -> bool:
        return not self.missing


def tasks(tender: Tender, rulebook: Rulebook, now: datetime, chosen: Chosen | None = None) -> tuple[Task, ...]:
    """Every step of the draft in the order in which a person takes them. `chosen` are its key holders, if it has any:
    whether they have signed is asked at publication."""
    found = {
        "about": _about(tender, rulebook),
        "lots": _lots(tender),
        "items": _items(tender),
        "criteria": _criteria(tender, rulebook),
        "documents": (),  # helpful, but the notice may say everything itself
        "seal": _seal(tender, rulebook, chosen),
        "timetable": _timetable(tender, rulebook, now),
    }
    return tuple(Task(step, tuple(found[step])) for step in STEPS)


def must_be_complete(tender: Tender, rulebook: Rulebook, now: datetime, chosen: Chosen | None = None) -> None:
    """Refused("tender-incomplete", 422): its `fields` hold the first missing thing of each step."""
    found = tasks(tender, rulebook, now, chosen)
    missing: dict[str, str] = {task.step: task.missing[0] for task in found if not task.done}
    if missing:
        raise Refused(
            "tender-incomplete", "The draft is not complete: " + " ".join(missing.values()), status=422, fields=missing
        )


def _about(tender: Tender, rulebook: Rulebook) -> Iterator[str]:
    if not tender.title:
        yield "Give the tender a title."
    if not tender.description:
        yield "Describe what is bought and why."
    if tender.value.amount <= 0:
        yield "Estimate the value."
    if not tender.contract_terms:
        yield "Say what the contract will ask of the supplier."
    procedure = rulebook.procedures.get(tender.procedure)
    if procedure is None:
        yield "Choose a procedure that the rulebook allows."
    elif procedure.up_to is not None and tender.value.decimal() > procedure.up_to:
        yield f"{procedure.title} is allowed up to {procedure.up_to:f} {rulebook.currency} ({procedure.source})."
    elif procedure.two_envelopes:
        yield from _two_envelopes(tender, rulebook, procedure)
    if tender.value.currency != rulebook.currency:
        yield f"Give the value in {rulebook.currency}."
    elif problem := deposit_problem(tender.deposit, tender.value, rulebook):
        yield problem


def _two_envelopes(tender: Tender, rulebook: Rulebook, procedure: Procedure) -> Iterator[str]:
    """What does not go together with prices that are opened after the technical decision."""
    method = rulebook.award_methods.get(tender.award_method)
    if method is not None and not method.quality:
        yield f"{procedure.title} judges quality before prices are opened: choose an award method that scores quality."


def _lots(tender: Tender) -> Iterator[str]:
    if not tender.lots:
        yield "Add at least one lot."
    if any(not lot.title for lot in tender.lots):
        yield "Give every lot a title."
    values = [lot.value.amount for lot in tender.lots if lot.value is not None]
    if sum(values) > tender.value.amount:
        yield "The lots together are worth more than the tender."
    if len(values) == len(tender.lots) > 0 and sum(values) < tender.value.amount:
        yield "The lots together are worth less than the tender."


def _items(tender: Tender) -> Iterator[str]:
    for lot in tender.lots:
        if not tender.items_of(lot.id):
            yield f"Add what is bought in lot {lot.number}."


def _criteria(tender: Tender, rulebook: Rulebook) -> Iterator[str]:
    method = rulebook.award_methods.get(tender.award_method)
    if method is None:
        yield "Choose how the award is decided."
        return
    if not method.quality:
        if any(criterion.kind == "quality" for criterion in tender.criteria):
            yield "Where only the price decides, no criterion of quality can."
        return
    for lot in tender.lots:
        concerned = [criterion for criterion in tender.criteria if criterion.concerns(lot.id)]
        yield from _weights(lot.number, concerned)


def _weights(lot: int, criteria: list[Criterion]) -> Iterator[str]:
    prices = sum(criterion.kind == "price" for criterion in criteria)
    if prices != 1:
        yield f"Lot {lot} needs exactly one criterion for the price."
    if not any(criterion.kind == "quality" for criterion in criteria):
        yield f"Lot {lot} needs at least one criterion of quality."
    if (total := sum(criterion.weight for criterion in criteria)) != WHOLE:
        yield (
            f"The weights of lot {lot} make {total.normalize():f} %, not {WHOLE} %."
            if total
            else (f"Give the criteria of lot {lot} weights that make {WHOLE} %.")
        )
    if any(criterion.weight == 0 for criterion in criteria if criterion.kind != "pass-fail"):
        yield f"Every criterion of lot {lot} but pass or fail needs a weight."


def _seal(tender: Tender, rulebook: Rulebook, chosen: Chosen | None) -> Iterator[str]:
    try:
        must_suffice(chosen, asked(rulebook, tender.value))
    except Refused as no:
        yield from no.fields.values()


def _timetable(tender: Tender, rulebook: Rulebook, now: datetime) -> Iterator[str]:
    if tender.deadline is None:
        yield "Set the deadline for bids."
    elif tender.deadline < (earliest := earliest_deadline(rulebook, now)):
        local = earliest.astimezone(rulebook.zone)
        yield f"Choose a later deadline: published now, {local.day} {local:%B %Y, %H:%M} is the earliest."
