"""What can be done with money. Every function takes the transaction first and raises `Refused`.

Whoever asks on behalf of a rule or a channel is a system actor. Channels (card, transfer) tell what came in and what
left; they hear of an approved refund by its fact, `RefundApproved`, whose `channel` says whose it is.
"""

from procurement.payments.rules.books import Balance
from procurement.payments.rules.charges import Charge, Purpose
from procurement.payments.rules.refunds import Forfeiture, Refund
from procurement.payments.service.asking import ask, cancel, postpone
from procurement.payments.service.books import balances, held_at, treasury_balances
from procurement.payments.service.disputes import dispute_closed, dispute_opened
from procurement.payments.service.keeping import approve_forfeiture, ask_forfeiture, earn, refuse_forfeiture
from procurement.payments.service.reading import by_reference, charge, charges, mine, of_payer, of_subject, own
from procurement.payments.service.receiving import Received, match, receive
from procurement.payments.service.refunding import approve_refund, ask_refund, refuse_refund, return_payment
from procurement.payments.service.releasing import release
from procurement.payments.service.sending import refund_begun, refund_failed, refund_sent
from procurement.payments.service.settling import fee, payout, payout_failed
from procurement.payments.service.store import lock_forfeiture, lock_payment, lock_refund
from procurement.payments.service.story import Listed, Story, asking, listed, lock, story
from procurement.payments.service.waiting import Waiting, forfeiture, payment, refund, refunds_of, waiting

__all__ = [
    "Balance",
    "Charge",
    "Forfeiture",
    "Listed",
    "Purpose",
    "Received",
    "Refund",
    "Story",
    "Waiting",
    "approve_forfeiture",
    "approve_refund",
    "ask",
    "ask_forfeiture",
    "ask_refund",
    "asking",
    "balances",
    "by_reference",
    "cancel",
    "charge",
    "charges",
    "dispute_closed",
    "dispute_opened",
    "earn",
    "fee",
    "forfeiture",
    "held_at",
    "listed",
    "lock",
    "lock_forfeiture",
    "lock_payment",
    "lock_refund",
    "match",
    "mine",
    "of_payer",
    "of_subject",
    "own",
    "payment",
    "payout",
    "payout_failed",
    "postpone",
    "receive",
    "refund",
    "refund_begun",
    "refund_failed",
    "refund_sent",
    "refunds_of",
    "refuse_forfeiture",
    "refuse_refund",
    "release",
    "return_payment",
    "story",
    "treasury_balances",
    "waiting",
]
