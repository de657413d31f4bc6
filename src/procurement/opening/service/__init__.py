"""What can be done with an opening: ask, confirm, follow, read. The steps in between are the worker's (steps)."""

from procurement.opening.service.asking import confirm, request
from procurement.opening.service.codes import (
    confirm_codes,
    enrol,
    enrol_fictional,
    enrolment,
    fictional_secret,
    practice_code,
)
from procurement.opening.service.deposits import Deposits, deposits
from procurement.opening.service.financial.asking import confirm_prices, request_prices
from procurement.opening.service.financial.deciding import decide_technical
from procurement.opening.service.financial.reading import financial, prices_in_progress, prices_read_out, prices_record
from procurement.opening.service.financial.steps import advance_prices, note_prices_problem
from procurement.opening.service.giving import Given, Wanted, WantedShare, cannot_give, give_shares, seat, shares_wanted
from procurement.opening.service.members import Member, Sharing, must_share, sharing
from procurement.opening.service.papers import Paper, paper, read_paper
from procurement.opening.service.quarantine import may_take, take
from procurement.opening.service.reading import View, bids_for_readers, document, opened_bids, opening, record, view
from procurement.opening.service.recovering import Rescue, give_kit
from procurement.opening.service.showing import read_out
from procurement.opening.service.steps import advance, in_progress, note_problem
from procurement.opening.service.unread import agree as agree_to_put_out
from procurement.opening.service.unread import for_readers as unread_bids
from procurement.opening.service.unread import propose as propose_to_put_out
from procurement.opening.service.unread import wait_on

__all__ = [
    "Deposits",
    "Given",
    "Member",
    "Paper",
    "Rescue",
    "Sharing",
    "View",
    "Wanted",
    "WantedShare",
    "advance",
    "advance_prices",
    "agree_to_put_out",
    "bids_for_readers",
    "cannot_give",
    "confirm",
    "confirm_codes",
    "confirm_prices",
    "decide_technical",
    "deposits",
    "document",
    "enrol",
    "enrol_fictional",
    "enrolment",
    "fictional_secret",
    "financial",
    "give_kit",
    "give_shares",
    "in_progress",
    "may_take",
    "must_share",
    "note_prices_problem",
    "note_problem",
    "opened_bids",
    "opening",
    "paper",
    "practice_code",
    "prices_in_progress",
    "prices_read_out",
    "prices_record",
    "propose_to_put_out",
    "read_out",
    "read_paper",
    "record",
    "request",
    "request_prices",
    "seat",
    "shares_wanted",
    "sharing",
    "take",
    "unread_bids",
    "view",
    "wait_on",
]
