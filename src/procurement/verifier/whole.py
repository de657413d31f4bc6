"""A whole procurement, from nothing but the service's address, a public key and an earlier checkpoint."""

import msgspec

from procurement.kernel.checkpoint import VerifierKey
from procurement.verifier import holders, shown
from procurement.verifier import keyholder as keyholders
from procurement.verifier import log as logs
from procurement.verifier import tender as tenders
from procurement.verifier.log import Broken, Entry, Fetch, Log
from procurement.verifier.records import Findings


def verify(fetch: Fetch, key: VerifierKey, ocid: str, earlier: str = "", keyholder: str = "") -> tuple[Log, Findings]:
    """Check the log, every entry of procurement `ocid`, and what the service shows of it. Broken names what is wrong.

    What was recorded after the newest checkpoint is left to the next check. `keyholder` is the keyholder's key, where
    it is known from its operator.
    """
    log = logs.read(fetch, key, earlier)
    findings = tenders.verify(log, ocid, logs.served(fetch, 0, log.checkpoint.size))
    the_list_is_whole(fetch, log, ocid, findings)
    keyholders.verify(findings, keyholder)
    holders.verify(fetch, findings)
    shown.verify(fetch, findings)
    return log, findings


def the_list_is_whole(fetch: Fetch, log: Log, ocid: str, findings: Findings) -> None:
    """What is listed as the procurement's are the records that the log has of it, each as readable as there."""
    listed = msgspec.json.decode(fetch(f"/ledger/process/{ocid}"), type=list[Entry])
    readable = {one.index for one in findings.placed}
    told = {entry.index: logs.must_belong(log, entry) for entry in listed if entry.index < log.checkpoint.size}
    for index, record in told.items():
        if record is None or record.process != ocid:
            raise Broken(f"entry {index} is listed for {ocid} without a record of it")
        if index not in readable:  # unless it was disclosed just now, the log itself keeps back what the list shows
            _must_be_readable(fetch, log, index)
    if missing := readable - told.keys():
        raise Broken(f"entry {min(missing)} belongs to {ocid} and was left out of its list")
    findings.checks.append("no readable entry of it was left out")


def _must_be_readable(fetch: Fetch, log: Log, index: int) -> None:
    for entry in logs.served(fetch, index, index + 1):
        if logs.must_belong(log, entry) is None:
            raise Broken(f"entry {index} is readable in a list, and hidden where it stands")
