"""What can be done with money. Every function takes the transaction first and raises `Refused`.

Whoever asks on behalf of a rule or a channel is a system actor. Channels (card, transfer) tell what came in and what
left; they hear of an approved refund by its fact, `RefundApproved`, whose `channel` says whose it is.
"""

from procurement.payments.rules.charges import Charge, Purpose
from procurement.payments.rules.refunds import Forfeiture, Refund
from procurement.payments.service.asking import ask, cancel, postpone
from procurement.payments.service.books import Balance, balances, held_at
from procurement.payments.service.disputes import dispute_closed, dispute_opened
from procurement.payments.service.keeping import approve_forfeiture, ask_forfeiture, earn, refuse_forfeiture
from procurement.payments.service.reading import by_reference, charge, charges, mine, of_payer, of_subject, own
from procurement.payments.service.receiving import Received, match, receive
from procurement.payments.service.refunding import approve_refund, ask_refund, refuse_refund, return_payment
from procurement.payments.service.releasing import release
from procurement.payments.service.sending import refund_begun, refund_failed, refund_sent
from procurement.payments.service.settling import fee, payout, payout_failed

__all__ = [
    "Balance",
    "Charge",
    "Forfeiture",
    "Purpose",
    "Received",
    "Refund",
    "approve_forfeiture",
    "approve_refund",
    "ask",
    "ask_forfeiture",
    "ask_refund",
    "balances",
    "by_reference",
    "cancel",
    "charge",
    "charges",
    "dispute_closed",
    "dispute_opened",
    "earn",
    "fee",
    "held_at",
    "match",
    "mine",
    "of_payer",
    "of_subject",
    "own",
    "payout",
    "payout_failed",
    "postpone",
    "receive",
    "refund_begun",
    "refund_failed",
    "refund_sent",
    "refuse_forfeiture",
    "refuse_refund",
    "release",
    "return_payment",
]
