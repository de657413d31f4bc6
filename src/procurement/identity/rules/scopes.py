"""What a token may be made for: plain groups of permissions, of which its owner chooses.

A scope never adds anything: a token may do what its owner's roles allow at that moment and one of its scopes names.
"""

from collections.abc import Iterable
from enum import StrEnum

from procurement.kernel.permissions import GRANTS, READS, P, Role
from procurement.kernel.refusal import invalid


class Scope(StrEnum):
    """In the order in which they are offered."""

    READ = "read"
    OPEN_MESSAGES = "open-messages"
    BID = "bid"
    RUN_TENDERS = "run-tenders"
    APPROVE = "approve"
    EVALUATE = "evaluate"
    SIGN_CONTRACTS = "sign-contracts"
    RUN_TREASURY = "run-treasury"
    HOLD_KEYS = "hold-keys"
    MANAGE_ORGANISATION = "manage-organisation"
    ADMINISTER = "administer"


_BUYING = {P.AWARD_READ, P.CONTRACT_READ, P.EVALUATION_READ, P.OPENING_READ, P.TENDER_READ_DRAFT}

PERMISSIONS: dict[Scope, frozenset[P]] = {
    Scope.READ: READS,
    # Opening counts, by legal time: whoever only reads sees what came, without the words that nobody has opened.
    Scope.OPEN_MESSAGES: frozenset({P.INBOX_OPEN, P.INBOX_READ}),
    Scope.BID: frozenset(
        {P.BID_PREPARE, P.BID_READ_OWN, P.BID_SUBMIT, P.BID_WITHDRAW, P.QUESTION_ASK}
        | {P.PAYMENT_PAY, P.PAYMENT_READ_OWN}
    ),
    Scope.RUN_TENDERS: frozenset(
        _BUYING
        | {P.AWARD_PROPOSE, P.CONTRACT_DRAFT, P.EVALUATION_APPOINT, P.OPENING_REQUEST, P.QUESTION_ANSWER}
        | {P.TENDER_CANCEL, P.TENDER_DRAFT}
    ),
    Scope.APPROVE: frozenset(_BUYING | {P.AWARD_APPROVE, P.OPENING_CONFIRM, P.TENDER_APPROVE, P.TENDER_CANCEL}),
    Scope.EVALUATE: frozenset({P.EVALUATION_CHAIR, P.EVALUATION_DECLARE, P.EVALUATION_READ, P.EVALUATION_SCORE}),
    Scope.SIGN_CONTRACTS: frozenset({P.CONTRACT_READ, P.CONTRACT_SIGN_BUYER, P.CONTRACT_SIGN_SUPPLIER}),
    Scope.RUN_TREASURY: frozenset({P.PAYMENT_READ, P.PAYMENT_RECORD, P.REFUND_APPROVE, P.REFUND_ASK}),
    # Keys stay on the holder's device: a program hands over answers, signatures and shares.
    Scope.HOLD_KEYS: frozenset({P.HOLDER_KEEP}),
    Scope.MANAGE_ORGANISATION: frozenset(
        {P.HOLDER_CONFIRM, P.ORGANISATION_MANAGE, P.ORGANISATION_READ, P.SUPPLIER_EDIT, P.WEBHOOK_MANAGE}
    ),
    Scope.ADMINISTER: frozenset(
        {P.HOLD_LIFT, P.HOLD_PLACE, P.ORGANISATION_READ, P.ORGANISATION_REGISTER, P.RETENTION_READ}
        | {P.RULEBOOK_ACTIVATE, P.RULEBOOK_PROPOSE, P.SERVICE_OPERATE}
    ),
}

IN_PERSON = frozenset({P.KEY_ENROL, P.QUARANTINE_TAKE})
"""Never a program's: whoever may open bids enrols by themselves, and a warning is read by a person."""


def limit(scopes: Iterable[str] | None) -> frozenset[P] | None:
    """What a token of these scopes is narrowed to; None for tokens that were never narrowed."""
    return None if scopes is None else frozenset().union(*(PERMISSIONS[Scope(scope)] for scope in scopes))


def useful(roles: Iterable[Role]) -> tuple[Scope, ...]:
    """The scopes that allow somebody with these roles more than reading; and reading."""
    held = frozenset().union(*(GRANTS[role] for role in roles))
    return tuple(scope for scope in Scope if (PERMISSIONS[scope] - (READS if scope != Scope.READ else set())) & held)


def must_be_useful(chosen: Iterable[Scope], roles: Iterable[Role]) -> None:
    """Refused("form-invalid") without any, or for one that none of the owner's roles there gives."""
    wanted, offered = set(chosen), set(useful(roles))
    if not wanted:
        raise invalid("Choose what the program may do.", scopes="Choose at least one.")
    if missing := [scope for scope in Scope if scope in wanted - offered]:
        raise invalid(
            "Your roles in that organisation do not allow all of this.",
            scopes=f"Leave out what you may not do there yourself: {', '.join(missing)}.",
        )
