"""What a message about the pages is, and by when it is answered. The periods are ours: no law sets them."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from procurement.identity.rules import addresses
from procurement.kernel.refusal import Refused, invalid

LONGEST = 4000  # characters of a message or an answer
LONGEST_PAGE = 300  # characters of the address of a page


class About(StrEnum):
    """What a message is about. A barrier keeps somebody from bidding, so it is answered sooner."""

    BARRIER = "barrier"
    MISTAKE = "mistake"
    UNCLEAR = "unclear"


ANSWERED_WITHIN = {
    About.BARRIER: timedelta(days=3),
    About.MISTAKE: timedelta(days=14),
    About.UNCLEAR: timedelta(days=14),
}


class Given(msgspec.Struct, frozen=True):
    """What a visitor wrote. `page` is a path of ours or "", `email` an address to answer to or ""."""

    about: About
    text: str
    page: str
    email: str


def given(about: About, text: str, page: str, email: str) -> Given:
    """The message as it is stored. Refused("form-invalid") names every wrong field."""
    wrong: dict[str, str] = {}
    try:
        email = addresses.email(email) if email else ""
    except Refused as no:
        wrong |= no.fields
    if len(page) > LONGEST_PAGE or not page.isprintable():
        wrong["where"] = f"Write the address of the page, at most {LONGEST_PAGE} characters."
    try:
        text = words(text)
    except Refused as no:
        wrong |= no.fields
    if wrong:
        raise invalid("Some answers need another look.", **wrong)
    return Given(about, text, page, email)


def words(text: str) -> str:
    """A message or an answer. Refused("form-invalid") when it is empty or too long."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise invalid("Some answers need another look.", text=f"Write between 1 and {LONGEST} characters.")
    return text


def due(about: About, received_at: datetime) -> datetime:
    """By when the message is answered."""
    return received_at + ANSWERED_WITHIN[about]
