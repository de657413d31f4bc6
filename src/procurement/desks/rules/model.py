"""What a desk is made of."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from procurement.kernel.permissions import P

URGENT = timedelta(days=2)  # a deadline nearer than this is drawn as urgent


class What(StrEnum):
    """Every kind of duty. The words people read are in the templates."""

    DRAFT = "draft-to-finish"
    DRAFT_RETURNED = "draft-returned"
    PUBLICATION = "publication-to-approve"
    EXTENSION = "extension-to-approve"
    QUESTIONS = "questions-to-answer"
    OPENING_REQUEST = "opening-to-request"
    OPENING_CONFIRM = "opening-to-confirm"
    UNREAD_BIDS = "unread-bids-to-judge"
    PUT_OUT_DECIDE = "unread-bid-to-decide"
    TECHNICAL_PROPOSE = "technical-result-to-propose"
    TECHNICAL_DECIDE = "technical-result-to-decide"
    PRICES_REQUEST = "prices-to-request"
    PRICES_CONFIRM = "prices-to-confirm"
    APPOINT = "evaluators-to-appoint"
    REPLACE = "evaluator-to-replace"
    DECLARE = "interests-to-declare"
    CHECK = "bids-to-check"
    SCORE = "scores-to-give"
    AGREE = "scores-to-agree"
    JUDGE_PRICE = "price-to-judge"
    CONCLUDE = "evaluation-to-conclude"
    PROPOSE = "award-to-propose"
    APPROVE = "award-to-approve"
    CONTRACT = "contract-to-draft"
    SIGN = "contract-to-sign"
    UNSUBMITTED = "bid-not-submitted"
    REPLACEMENT = "replacement-not-submitted"
    EXPLAIN_PRICE = "price-to-explain"
    LETTER = "letter-to-read"
    MESSAGES = "messages-to-read"
    MAIL = "address-to-confirm"
    FAIRNESS = "deadline-to-judge"
    FEEDBACK = "feedback-to-answer"
    STAFF = "organisation-to-staff"
    DEPUTY = "role-to-accept"
    REVIEW_ACCESS = "access-to-review"
    MOTION = "motion-to-carry"
    RULEBOOK_PROPOSE = "rulebook-to-propose"
    RULEBOOK_ACTIVATE = "rulebook-to-activate"
    REFUNDS = "refunds-to-decide"
    REFUNDS_FAILED = "refunds-that-failed"
    KEEP = "deposits-to-decide"
    UNMATCHED = "money-to-place"
    DISPUTES = "disputes-to-answer"
    BANK_LINES = "bank-lines-to-place"
    TRANSFERS = "transfers-to-make"
    DEPOSIT = "deposit-to-pay"
    REFUND_ACCOUNT = "account-to-name"
    KEY_MAKE = "key-to-make"
    KEY_SHOW = "key-to-show"
    KEY_PROVE = "key-to-prove"
    KEY_CONFIRM = "key-to-confirm"
    ROSTER = "roster-to-sign"
    SHARES = "shares-to-give"
    HOLDERS_SHORT = "key-holders-missing"
    OUTAGE = "outage-before-deadline"


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for this person. `path` is the page where it is done and `tender` "" where none is meant.

    It is to be done by `due`, or has waited since `since` where nothing sets a deadline. `by` is the person, by id, who
    took the step before; `said` what they wrote; `count` how many there are of what is counted.
    """

    what: What
    title: str
    path: str
    tender: str = ""
    due: datetime | None = None
    since: datetime | None = None
    by: str = ""
    said: str = ""
    count: int = 0

    def urgent(self, now: datetime) -> bool:
        return self.due is not None and self.due - now < URGENT


class State(StrEnum):
    """Where a procurement or one's own bid stands."""

    APPROVAL = "approval"
    BIDDING = "bidding"
    OPENING = "opening"
    EVALUATION = "evaluation"
    AWARD = "award"
    STANDSTILL = "standstill"
    HELD = "held"
    CONTRACT = "contract"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Own(StrEnum):
    """What became of one's own bid; "" on the desk of who has none."""

    NONE = ""
    NOT_SUBMITTED = "not-submitted"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    WON = "won"
    LOST = "lost"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A procurement that is running. `at` is the moment that `state` waits for, or began at; `stage` the key of the
    life line; `buyer` an organisation id. For a bidder `own` is its bid's fate and `receipt` the bid whose receipt it
    holds, "" for none."""

    tender: str
    title: str
    buyer: str
    path: str
    state: State
    at: datetime | None
    stage: str = ""
    own: Own = Own.NONE
    receipt: str = ""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something with a date. Coming: "bids-close", "opening", "bids-close-and-open", "standstill-ends". Done:
    "published", "concluded", "awarded", "unsuccessful", "signed", "not-submitted", "letter"."""

    what: str
    at: datetime
    tender: str
    title: str
    path: str


class Soon(msgspec.Struct, frozen=True, kw_only=True):
    """An open tender in which this organisation has neither a bid nor a draft."""

    tender: str
    title: str
    path: str
    buyer: str
    deadline: datetime


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What needs this person now (the most urgent first), what is running, what is coming, and what was done last.
    A bidder also sees what closes soon.

    `roles` are those held in the organisation acted for; `full` says that some list reached its limit.
    """

    organisation: str = ""
    roles: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    running: tuple[Row, ...] = ()
    coming: tuple[Moment, ...] = ()
    done: tuple[Moment, ...] = ()
    soon: tuple[Soon, ...] = ()
    full: bool = False


class Viewer(msgspec.Struct, frozen=True):
    """Who sits at the desk, and what they may do in the organisation acted for."""

    person: str
    may: frozenset[P]


def in_order(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    """What has a deadline first, the nearest first; then what has waited longest."""

    def place(duty: Duty) -> tuple[bool, float]:
        moment = duty.due or duty.since
        return duty.due is None, moment.timestamp() if moment else 0.0

    return tuple(sorted(duties, key=place))


def soonest(moments: Iterable[Moment], most: int) -> tuple[Moment, ...]:
    return tuple(sorted(moments, key=lambda moment: moment.at)[:most])


def latest(moments: Iterable[Moment], most: int) -> tuple[Moment, ...]:
    return tuple(sorted(moments, key=lambda moment: moment.at, reverse=True)[:most])
