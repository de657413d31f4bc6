"""The readable records of one procurement at their places in the log, and what was found in them."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from procurement.kernel.checkpoint import PRACTICE
from procurement.kernel.entry import Record
from procurement.kernel.sealing.opening_record import KEY, PURPOSE
from procurement.verifier.log import Broken, Entry, Log, must_belong
from procurement.verifier.openness import Openness

OF_KEYS = {"KeyHolderEnrolled", "KeyHolderConfirmed", "KeyHolderEnded"}  # facts of no procurement
OF_TENDER = {"TenderPublished", "DeadlineExtended", "RosterFrozen"}  # what bidders' clients rely on
UNDER_WAY = 12  # readable entries that may follow a leap of a practice clock with moments from before it


class Placed(msgspec.Struct, frozen=True):
    """A readable record at its place in the log. `after` is the latest moment that a record before it was written."""

    index: int
    record: Record
    after: datetime | None = None

    @property
    def fact(self) -> dict[str, Any]:
        return self.record.fact

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.record.at)

    def time(self, *names: str) -> datetime:
        """The first of the named moments that the fact has. Broken when it has none of them."""
        found = next((self.fact[name] for name in names if name in self.fact), None)
        if found is None:
            raise Broken(f"entry {self.index} names no {names[0]}")
        return datetime.fromisoformat(found)


class Findings(msgspec.Struct):
    """What was checked, in words, and the records that were. `of_keys` are the log's facts OF_KEYS; `receipts` is the
    public key that the log itself names for receipts and opening records, "" where it names none; `keyholders` are the
    facts in which it names one of the keyholder. `notes` are what nobody could check, in words. `elsewhere` has of
    each tender the index of a fact OF_TENDER that stands in another procurement."""

    placed: list[Placed]
    checks: list[str] = []
    of_keys: list[Placed] = []
    receipts: str = ""
    keyholders: list[Placed] = []
    notes: list[str] = []
    elsewhere: dict[str, int] = {}

    @property
    def entries(self) -> int:
        return len(self.placed)

    def of(self, *types: str) -> list[Placed]:
        return [one for one in self.placed if one.record.type in types]


def sorted_out(log: Log, ocid: str, entries: Iterable[Entry]) -> Findings:
    """The records of procurement `ocid` among all `entries` of the log, in order. Broken names one that does not fit.

    In a practice log the story it begins with is invented: there no moment before the procurement's own counts. And its
    clock leaps: what was under way at a leap comes a few entries after it, so those are not compared.
    """
    findings, newest, practice, openness = Findings([]), None, PRACTICE in log.checkpoint.origin, Openness()
    lately: deque[datetime] = deque()
    for entry in entries:
        record = must_belong(log, entry)
        openness.see(entry.index, log.entries[entry.index], record)
        if record is None:
            continue
        one = Placed(entry.index, record, newest)
        if record.process == ocid:
            findings.placed.append(one)
        elif record.type in OF_TENDER:
            findings.elsewhere[one.fact.get("tender", "")] = entry.index
        if record.type in OF_KEYS:
            findings.of_keys.append(one)
        if record.type == "KeyPublished" and one.fact["purpose"] == "receipts":
            findings.receipts = one.fact["verifier"]
        if record.type == KEY and one.fact["purpose"] == PURPOSE:
            findings.keyholders.append(one)
        if findings.placed or not practice:
            lately.append(one.at)
        if len(lately) > (UNDER_WAY if practice else 0):
            before = lately.popleft()
            newest = max(newest or before, before)
    openness.must_hold()
    return findings
