"""Facts: what the ledger records. A fact says what happened, in the past tense, without personal names."""

import re
from enum import StrEnum
from typing import ClassVar

import msgspec


class Visible(StrEnum):
    """When the content of a fact may be read by the public. Its commitment is public at once, always."""

    AT_ONCE = "at-once"
    AT_OPENING = "at-opening"
    AT_AWARD = "at-award"
    PARTIES = "parties"
    NEVER = "never"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every fact. The class name is the fact's type in the ledger, so it never changes."""

    visible: ClassVar[Visible] = Visible.AT_ONCE


def in_words(type_: str) -> str:
    """The type of a fact as people write it: “Tender published”."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type_).capitalize()
