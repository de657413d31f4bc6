"""What is played in the practice republic, as `fixtures/procurements.toml` writes it."""

from typing import Literal

import msgspec

Until = Literal[
    "draft",
    "submitted",
    "open",
    "closed",
    "evaluating",
    "technical",
    "announced",
    "contract",
    "cancelled",
    "unsuccessful",
]


class Item(msgspec.Struct, frozen=True):
    description: str
    cpv: str
    cpv_title: str
    quantity: str
    unit: str
    place: str


class Lot(msgspec.Struct, frozen=True):
    title: str
    items: list[Item]
    value: str = ""


class Bid(msgspec.Struct, frozen=True):
    """`prices` of one unit in the order of items; `scores` in the order of criteria. `pays`: the deposit, where one is
    asked."""

    supplier: str
    prices: list[str]
    scores: list[int] = []
    pays: bool = True


class Holder(msgspec.Struct, frozen=True):
    """Who holds the second lock: by office, and the key holder of that number of the organisation."""

    organisation: str
    office: str
    number: int = 0


class Script(msgspec.Struct, frozen=True):
    """What is played. Days count from the moment the republic is loaded. `procedure` is the rulebook's first unless it
    is named; one with two envelopes goes as far as "technical": somebody else decides what the chair proposed."""

    until: Until
    published: float
    deadline: float
    buyer: str
    title: str
    description: str
    category: Literal["goods", "works", "services"]
    value: str
    award_method: str
    terms: str
    lots: list[Lot]
    criteria: list[tuple[str, str]] = []
    bids: list[Bid] = []
    questions: list[tuple[str, str]] = []
    contract: tuple[int, int] = (10, 100)
    reason: str = ""
    deposit: str = ""
    quorum: int = 0  # of the holders; with none the tender is sealed at level S1, with some at S2
    holders: list[Holder] = []
    procedure: str = ""
