"""What is known of a file after a malware scanner was asked about it."""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """All but the first two mean that it was not scanned."""

    CLEAN = "clean"
    FOUND = "found"
    TOO_LARGE = "too-large"  # for the scanner
    GONE = "gone"  # we do not keep this file any more
    UNANSWERED = "unanswered"  # the scanner was not there, or gave up; it is asked again
    NO_SCANNER = "no-scanner"  # none is set up; asked when there is one


class Scan(msgspec.Struct, frozen=True):
    """`found` is the scanner's name of the malware, and "" for every other verdict."""

    verdict: Verdict = Verdict.NO_SCANNER
    found: str = ""
