"""Paying by card: attempts, what is asked of the other side, what its answers do to our books.

The other side is asked outside of transactions; what it said is booked in one.
"""

from procurement.payments.service.cards.attempts import close_others, newest
from procurement.payments.service.cards.differences import close, listed
from procurement.payments.service.cards.notices import take_notice
from procurement.payments.service.cards.paying import ask_intent, come_back, open_page
from procurement.payments.service.cards.reconciling import last, reconcile

__all__ = [
    "ask_intent",
    "close",
    "close_others",
    "come_back",
    "last",
    "listed",
    "newest",
    "open_page",
    "reconcile",
    "take_notice",
]
