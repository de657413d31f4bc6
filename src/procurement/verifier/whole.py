"""A whole procurement, from nothing but the service's address, a public key and an earlier checkpoint."""

import msgspec

from procurement.kernel.checkpoint import VerifierKey
from procurement.verifier import holders, shown
from procurement.verifier import log as logs
from procurement.verifier import tender as tenders
from procurement.verifier.log import Broken, Entry, Fetch, Log
from procurement.verifier.tender import Findings, Placed


def verify(fetch: Fetch, key: VerifierKey, ocid: str, earlier: str = "") -> tuple[Log, Findings]:
    """Check the log, every entry of procurement `ocid`, and what the service shows of it. Broken names what is wrong.

    What was recorded after the newest checkpoint is left to the next check.
    """
    listed = msgspec.json.decode(fetch(f"/ledger/process/{ocid}"), type=list[Entry])
    log = logs.read(fetch, key, earlier)
    entries = [entry for entry in listed if entry.index < log.checkpoint.size]
    findings = tenders.verify(log, ocid, entries)
    of_keys = _nothing_was_left_out(fetch, log, ocid, entries)
    findings.checks.append("no readable entry of it was left out")
    holders.verify(fetch, findings, of_keys)
    shown.verify(fetch, findings)
    return log, findings


def _nothing_was_left_out(fetch: Fetch, log: Log, ocid: str, entries: list[Entry]) -> list[Placed]:
    """Every entry of the log is served, and those that name this procurement were all listed; returns those of keys."""
    listed, of_keys = {entry.index for entry in entries}, []
    for entry in logs.served(fetch, 0, log.checkpoint.size):
        record = logs.must_belong(log, entry)
        if record is not None and record.process == ocid and entry.index not in listed:
            raise Broken(f"entry {entry.index} belongs to {ocid} and was left out of its list")
        if record is not None and record.type in holders.OF_KEYS:
            of_keys.append(Placed(entry.index, record))
    return of_keys
