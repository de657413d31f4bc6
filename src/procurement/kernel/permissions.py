"""Who may do what, in one place. Roles are held in an organisation; a permission is asked of an object's owner."""

from enum import StrEnum


class P(StrEnum):
    """Every permission, `scope:action`, in one alphabet."""

    ACCESS_OVERSEE = "access:oversee"
    AWARD_APPROVE = "award:approve"
    AWARD_PROPOSE = "award:propose"
    AWARD_READ = "award:read"
    BID_PREPARE = "bid:prepare"
    BID_READ_OWN = "bid:read-own"
    BID_SUBMIT = "bid:submit"
    BID_WITHDRAW = "bid:withdraw"
    CONTRACT_DRAFT = "contract:draft"
    CONTRACT_READ = "contract:read"
    CONTRACT_SIGN_BUYER = "contract:sign-buyer"
    CONTRACT_SIGN_SUPPLIER = "contract:sign-supplier"
    EVALUATION_APPOINT = "evaluation:appoint"
    EVALUATION_CHAIR = "evaluation:chair"
    EVALUATION_DECLARE = "evaluation:declare"
    EVALUATION_READ = "evaluation:read"
    EVALUATION_SCORE = "evaluation:score"
    HOLD_LIFT = "hold:lift"
    HOLD_PLACE = "hold:place"
    HOLDER_CONFIRM = "holder:confirm"
    HOLDER_KEEP = "holder:keep"
    INBOX_OPEN = "inbox:open"
    INBOX_READ = "inbox:read"
    KEY_ENROL = "key:enrol"
    OPENING_CONFIRM = "opening:confirm"
    OPENING_READ = "opening:read"
    OPENING_REQUEST = "opening:request"
    ORGANISATION_MANAGE = "organisation:manage"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_REGISTER = "organisation:register"
    PAYMENT_PAY = "payment:pay"
    PAYMENT_READ = "payment:read"
    PAYMENT_READ_OWN = "payment:read-own"
    PAYMENT_RECORD = "payment:record"
    QUARANTINE_TAKE = "quarantine:take"
    QUESTION_ANSWER = "question:answer"
    QUESTION_ASK = "question:ask"
    REFUND_APPROVE = "refund:approve"
    REFUND_ASK = "refund:ask"
    RETENTION_READ = "retention:read"
    RULEBOOK_ACTIVATE = "rulebook:activate"
    RULEBOOK_PROPOSE = "rulebook:propose"
    SERVICE_OPERATE = "service:operate"
    SUPPLIER_EDIT = "supplier:edit"
    TENDER_APPROVE = "tender:approve"
    TENDER_CANCEL = "tender:cancel"
    TENDER_DRAFT = "tender:draft"
    TENDER_READ_DRAFT = "tender:read-draft"
    WEBHOOK_MANAGE = "webhook:manage"


class Role(StrEnum):
    OFFICER = "officer"
    APPROVER = "approver"
    EVALUATOR = "evaluator"
    OWNER = "owner"
    MEMBER = "member"
    SIGNATORY = "signatory"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    TREASURER = "treasurer"
    KEY_HOLDER = "key-holder"


_READS_OPENED = {P.AWARD_READ, P.CONTRACT_READ, P.EVALUATION_READ, P.OPENING_READ, P.TENDER_READ_DRAFT}
_HOLDS = {P.HOLD_LIFT, P.HOLD_PLACE, P.RETENTION_READ}
_INBOX = {P.INBOX_OPEN, P.INBOX_READ}
_PAYER = {P.PAYMENT_PAY, P.PAYMENT_READ_OWN}
_BIDDER = {P.BID_PREPARE, P.BID_READ_OWN, P.CONTRACT_READ, P.ORGANISATION_READ, P.QUESTION_ASK} | _INBOX | _PAYER

GRANTS: dict[Role, frozenset[P]] = {
    Role.OFFICER: frozenset(
        _READS_OPENED
        | {P.AWARD_PROPOSE, P.CONTRACT_DRAFT, P.EVALUATION_APPOINT, P.HOLDER_CONFIRM, P.KEY_ENROL, P.OPENING_REQUEST}
        | _INBOX
        | {P.ORGANISATION_READ, P.QUESTION_ANSWER, P.TENDER_CANCEL, P.TENDER_DRAFT}
        | {P.WEBHOOK_MANAGE}
    ),
    Role.APPROVER: frozenset(
        _READS_OPENED
        | {P.AWARD_APPROVE, P.CONTRACT_SIGN_BUYER, P.HOLDER_CONFIRM, P.KEY_ENROL, P.OPENING_CONFIRM}
        | {P.ORGANISATION_READ}
        | _INBOX
        | {P.TENDER_APPROVE, P.TENDER_CANCEL}
    ),
    # Not OPENING_READ: evaluators read bids only through the evaluation, after declaring that they have no conflict.
    Role.EVALUATOR: frozenset(
        {P.EVALUATION_CHAIR, P.EVALUATION_DECLARE, P.EVALUATION_READ, P.EVALUATION_SCORE, P.QUARANTINE_TAKE}
    ),
    Role.OWNER: frozenset(
        _BIDDER
        | {P.BID_SUBMIT, P.BID_WITHDRAW, P.HOLDER_CONFIRM, P.ORGANISATION_MANAGE, P.SUPPLIER_EDIT, P.WEBHOOK_MANAGE}
    ),
    Role.MEMBER: frozenset(_BIDDER),
    Role.SIGNATORY: frozenset(_BIDDER | {P.BID_SUBMIT, P.BID_WITHDRAW, P.CONTRACT_SIGN_SUPPLIER}),
    Role.AUDITOR: frozenset((_READS_OPENED | _HOLDS | {P.ACCESS_OVERSEE, P.QUARANTINE_TAKE}) - {P.TENDER_READ_DRAFT}),
    Role.ADMINISTRATOR: frozenset(
        _HOLDS
        | {P.ACCESS_OVERSEE, P.ORGANISATION_MANAGE, P.ORGANISATION_READ, P.ORGANISATION_REGISTER}
        | {P.RULEBOOK_ACTIVATE, P.RULEBOOK_PROPOSE, P.SERVICE_OPERATE}
    ),
    # Nobody else sees who paid a deposit before the opening: it would say who bids.
    Role.TREASURER: frozenset(
        {P.ORGANISATION_READ, P.PAYMENT_READ, P.PAYMENT_RECORD, P.REFUND_APPROVE, P.REFUND_ASK} | _INBOX
    ),
    # Nothing of a tender but its roster: who opens bids does not judge them.
    Role.KEY_HOLDER: frozenset({P.HOLDER_KEEP, P.ORGANISATION_READ} | _INBOX),
}

EVERYWHERE = frozenset({Role.AUDITOR})
"""Roles whose permissions reach into every organisation: oversight reads what has been opened, and changes nothing but
legal holds."""

READS = frozenset(
    {
        P.ACCESS_OVERSEE,
        P.AWARD_READ,
        P.BID_READ_OWN,
        P.CONTRACT_READ,
        P.EVALUATION_READ,
        P.INBOX_READ,
        P.OPENING_READ,
        P.ORGANISATION_READ,
        P.PAYMENT_READ,
        P.PAYMENT_READ_OWN,
    }
    | {P.RETENTION_READ, P.TENDER_READ_DRAFT}
)
"""Permissions that change nothing."""
