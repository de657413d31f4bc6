"""A whole procurement against its entries: order, deadlines, bids, the closing root, what was opened and awarded."""

from collections.abc import Iterable

from procurement.kernel.entry import entry_hash
from procurement.verifier import bidding, opening, prices
from procurement.verifier.log import Broken, Entry, Log
from procurement.verifier.records import Findings, sorted_out


def verify(log: Log, ocid: str, entries: Iterable[Entry]) -> Findings:
    """Check every record of procurement `ocid`, and what they say together. Broken names what is wrong.

    `entries` are all of the log, in order: what belongs to the procurement is found there, and in no list of it.
    """
    _no_entry_stands_twice(log)
    findings = sorted_out(log, ocid, entries)
    if not findings.placed:
        raise Broken(f"the record has no entry of {ocid}")
    findings.checks.append(f"{len(findings.placed)} entries are in the signed log, unaltered")
    _disclosures_are_true(log, ocid, findings)
    bidding.verify(findings)
    opening.verify(log, findings)
    prices.verify(findings)
    return findings


def _no_entry_stands_twice(log: Log) -> None:
    """Each has a salt of its own, so a second one was copied: a withdrawn bid could come back that way."""
    seen: dict[bytes, int] = {}
    for index, entry in enumerate(log.entries if len(log.places) < len(log.entries) else ()):
        if seen.setdefault(entry, index) != index:
            raise Broken(f"entry {index} repeats entry {seen[entry]}")


def _disclosures_are_true(log: Log, ocid: str, findings: Findings) -> None:
    """What a disclosure printed is what the log held all the time, and is served at its own place too."""
    count, readable = 0, {one.index for one in findings.placed}
    for disclosure in findings.of("RecordsDisclosed"):
        for item in disclosure.fact["records"]:
            entry = entry_hash(bytes.fromhex(item["salt"]), item["record"].encode())
            place = log.places.get(entry)
            if entry.hex() != item["entry"] or place is None:
                raise Broken(f"entry {disclosure.index} discloses a record that the log does not hold")
            if place not in readable:
                raise Broken(f"entry {place}, disclosed by entry {disclosure.index}, is no readable one of {ocid}")
            count += 1
    if count:
        findings.checks.append(f"{count} records were hidden first and disclosed later, unchanged")
