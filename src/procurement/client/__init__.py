"""The service from a program: typed calls, problems as one exception, the feed, and bids sealed on one's own machine.

It knows only the kernel, so that it can be used elsewhere. docs/client.md says how.
"""

from procurement.client.answers import Change, Tender
from procurement.client.bodies import NewCriterion, NewItem, NewLot, NewTender, Score
from procurement.client.problem import Problem
from procurement.client.proven import proven
from procurement.client.sealing import Attached, seal_bid
from procurement.client.service import Client
from procurement.kernel.cosignature import Quorum

__all__ = [
    "Attached",
    "Change",
    "Client",
    "NewCriterion",
    "NewItem",
    "NewLot",
    "NewTender",
    "Problem",
    "Quorum",
    "Score",
    "Tender",
    "proven",
    "seal_bid",
]
