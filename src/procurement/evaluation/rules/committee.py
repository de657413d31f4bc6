"""Who evaluates: appointment and declarations of interest (Directive 2014/24/EU, article 24)."""

from collections.abc import Collection, Sequence

from procurement.evaluation.rules.facts import ConflictDeclared, EvaluatorsAppointed
from procurement.evaluation.rules.state import Evaluation, Evaluator
from procurement.kernel.refusal import Refused, invalid


def must_be_going_on(evaluation: Evaluation) -> None:
    if evaluation.concluded_at is not None:
        raise Refused("evaluation-concluded", "The evaluation is concluded. Nothing in it can change any more.")


def appoint(
    evaluation: Evaluation, tender_id: str, people: Sequence[str], chair: str, eligible: Collection[str]
) -> EvaluatorsAppointed:
    """Appoint the committee, or replace it while nobody has scored. `eligible` are the buyer's evaluators.

    Once a sheet is begun the committee stands: otherwise a score could be made to disappear with its author.
    """
    must_be_going_on(evaluation)
    if evaluation.sheets:
        raise Refused("scoring-begun", "Scoring has begun, so the evaluators can no longer be changed.")
    if not people:
        raise invalid("Appoint at least one evaluator.", evaluators="Choose at least one person.")
    if set(people) - set(eligible):
        raise invalid(
            "Only people who hold the evaluator role in your organisation can be appointed.",
            evaluators="Choose among the people listed.",
        )
    for person in people:
        known = evaluation.evaluator(person)
        if known and known.conflict:
            raise Refused("conflict-declared", "A person who declared a conflict cannot be appointed to this tender.")
    if chair not in people:
        raise invalid("The chair must be one of the evaluators.", chair="Choose one of the evaluators you appoint.")
    return EvaluatorsAppointed(tender=tender_id, evaluators=sorted(set(people)), chair=chair)


def declare(evaluation: Evaluation, tender_id: str, person: str, *, conflict: bool, statement: str) -> ConflictDeclared:
    """An appointed evaluator says, once and before seeing a bid, whether there is a conflict of interest."""
    must_be_going_on(evaluation)
    if must_be_appointed(evaluation, person).declared_at is not None:
        raise Refused("already-declared", "You have made your declaration. Tell the officer if something has changed.")
    if conflict and not statement:
        raise invalid("Say what the conflict is.", statement="Say in a sentence what connects you with a bidder.")
    return ConflictDeclared(tender=tender_id, evaluator=person, conflict=conflict)


def must_be_appointed(evaluation: Evaluation, person: str) -> Evaluator:
    evaluator = evaluation.evaluator(person)
    if evaluator is None:
        raise Refused("not-appointed", "You are not an evaluator of this tender.", status=403)
    return evaluator


def must_be_cleared(evaluation: Evaluation, person: str) -> Evaluator:
    """Nobody sees a bid before declaring, and nobody with a conflict sees it at all."""
    evaluator = must_be_appointed(evaluation, person)
    if evaluator.declared_at is None:
        raise Refused(
            "declaration-needed",
            "Declare first whether you have a conflict of interest.",
            status=403,
        )
    if evaluator.conflict:
        raise Refused(
            "conflict-declared", "You declared a conflict of interest, so this evaluation is closed to you.", status=403
        )
    return evaluator


def must_chair(evaluation: Evaluation, person: str) -> None:
    if not must_be_cleared(evaluation, person).chair:
        raise Refused("chair-only", "Only the chair of the evaluators can do this.", status=403)


def must_be_complete(evaluation: Evaluation) -> None:
    """The whole committee is cleared: everyone has declared and whoever had a conflict has been replaced."""
    if not evaluation.evaluators:
        raise Refused("evaluators-missing", "No evaluators are appointed yet. The officer appoints them.")
    if any(e.declared_at is None for e in evaluation.evaluators):
        raise Refused("declarations-missing", "Not everyone has declared yet. Scoring starts when all have.")
    if any(e.conflict for e in evaluation.evaluators):
        raise Refused("evaluator-to-replace", "An evaluator declared a conflict. The officer must appoint another.")
