"""How long records are kept: the table, what is due, erasing it, and legal holds."""

from procurement.retention.service.classes import NAMED, table
from procurement.retention.service.erasing import YOUNG, erase_files, erase_next, erase_unnamed
from procurement.retention.service.holds import ask_to_lift, hold, holds, lift, lock, place
from procurement.retention.service.overview import Due, overview

__all__ = [
    "NAMED",
    "YOUNG",
    "Due",
    "ask_to_lift",
    "erase_files",
    "erase_next",
    "erase_unnamed",
    "hold",
    "holds",
    "lift",
    "lock",
    "overview",
    "place",
    "table",
]
