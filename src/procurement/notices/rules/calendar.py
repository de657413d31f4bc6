"""The dates of tenders as calendar programs take them (RFC 5545). Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from icalendar import Calendar, Event

from procurement.tenders.rules import Tender

NAMES = ("questions", "deadline", "opening")


class Dated(msgspec.Struct, frozen=True):
    """A tender with the moment of its newest public entry: a program that has an older one takes this instead."""

    tender: Tender
    changed_at: datetime


def calendar(name: str, found: Iterable[Dated], words: dict[str, str], base_url: str, host: str) -> bytes:
    """An iCalendar object with up to three moments of each tender; `words` says what each of NAMES is called.

    The UID of an entry never changes; its SEQUENCE rises with each published revision, so a deadline that moved moves
    in the calendar, and once more when the tender is cancelled: then the entries stay, as cancelled.
    """
    whole = Calendar()
    whole.add("prodid", f"-//{host}//procurement//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", name)
    for one in found:
        moments = dict(
            zip(NAMES, (one.tender.question_deadline, one.tender.deadline, one.tender.opening_at), strict=True)
        )
        for key, at in moments.items():
            if at is not None:
                whole.add_component(_event(one, key, at, words[key], base_url, host))
    return bytes(whole.to_ical())


def _event(one: Dated, key: str, at: datetime, word: str, base_url: str, host: str) -> Event:
    tender, cancelled = one.tender, one.tender.cancelled_at is not None
    event = Event()
    event.add("uid", f"{tender.id}-{key}@{host}")
    event.add("dtstamp", one.changed_at)
    event.add("last-modified", one.changed_at)
    event.add("sequence", tender.revision + int(cancelled))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("dtstart", at)
    event.add("summary", f"{word}: {tender.title}")
    event.add("url", f"{base_url}/tenders/{tender.id}")
    event.add("transp", "TRANSPARENT")
    return event
