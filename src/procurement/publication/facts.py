"""What publication records."""

from procurement.kernel.fact import Fact


class OcdsImported(Fact, frozen=True, kw_only=True):
    """One batch of another publisher's releases was taken in.

    `file`: SHA-256 of the file as it was given; `part`: which batch of it, from 0; `accepted` counts the releases that
    were new, `refused` those that could not be taken.
    """

    source: str
    file: str
    part: int
    accepted: int
    refused: int
