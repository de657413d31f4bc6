"""What the service shows of a procurement today, against what the log says: a database may be altered behind both."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.verifier import record
from procurement.verifier.log import Broken, Fetch
from procurement.verifier.records import Findings, Placed

OUTSIDE = {"phase", "revision_hash", "cancelled_at", "cancel_reason"}  # of a tender as shown: not in its revision
AWARD = ("lot", "supplier", "price", "reason", "standstill_ends")  # of an award as announced


def verify(fetch: Fetch, findings: Findings) -> None:
    """Check the tender's words, what was read out at the opening, and the awards, as the API shows them now."""
    published = findings.of("TenderPublished")
    if not published:
        return
    tender = f"/api/v1/tenders/{published[0].fact['tender']}"
    _the_tender_is_as_published(fetch, tender, findings)
    _the_documents_are_as_published(fetch, tender, published[0], findings)
    if opened := findings.of("BidsOpened"):
        _the_opening_is_as_recorded(fetch, tender, opened[0], findings)
    if prices := findings.of("PricesOpened"):
        _the_prices_are_as_recorded(fetch, tender, prices[0], findings)
    _the_awards_are_as_announced(fetch, tender, findings)


def revision_hash(tender: Mapping[str, Any]) -> str:
    """The hash of a published revision from the tender as the API shows it (see `tenders.rules.life.content`)."""
    content = {name: value for name, value in tender.items() if name not in OUTSIDE and value is not None}
    return sha256_hex(canonical({"type": "tender/v1", **content}))


def _the_tender_is_as_published(fetch: Fetch, tender: str, findings: Findings) -> None:
    last = findings.of("TenderPublished", "DeadlineExtended")[-1]
    shown = msgspec.json.decode(fetch(tender))
    if revision_hash(shown) != last.fact["revision_hash"]:
        raise Broken(f"{tender} was altered: it is not the revision that entry {last.index} published")
    findings.checks.append(f"the tender reads as revision {last.fact['revision']} was published")


def _the_documents_are_as_published(fetch: Fetch, tender: str, published: Placed, findings: Findings) -> None:
    documents = published.fact["documents"]
    for document in documents:
        path = f"{tender}/documents/{document['id']}"
        if hashlib.sha256(fetch(path)).hexdigest() != document["sha256"]:
            raise Broken(f"{path} was altered: it is not the file that entry {published.index} published")
    if documents:
        findings.checks.append(f"documents: {len(documents)}, the files that were published")


def _the_opening_is_as_recorded(fetch: Fetch, tender: str, opened: Placed, findings: Findings) -> None:
    shown = msgspec.json.decode(fetch(f"{tender}/opening"))["read_out"]
    if shown != opened.fact["bids"]:
        raise Broken(f"{tender}/opening was altered: entry {opened.index} read out something else")
    findings.checks.append(f"bids shown: {len(shown)}, those read out at the opening")
    path = f"{tender}/opening/record"
    findings.checks.append(record.verify(path, fetch(path), opened, findings))


def _the_prices_are_as_recorded(fetch: Fetch, tender: str, opened: Placed, findings: Findings) -> None:
    """Of a tender whose prices were opened after the technical decision."""
    shown = msgspec.json.decode(fetch(f"{tender}/opening/prices"))["read_out"]
    if shown != opened.fact["bids"]:
        raise Broken(f"{tender}/opening/prices was altered: entry {opened.index} read out something else")
    path = f"{tender}/opening/prices/record"
    findings.checks.append(record.verify(path, fetch(path), opened, findings, prices=True))


def _the_awards_are_as_announced(fetch: Fetch, tender: str, findings: Findings) -> None:
    shown = {award["id"]: award for award in msgspec.json.decode(fetch(f"{tender}/award")) if award["supplier"]}
    announced = {one.fact["award"]: one for one in findings.of("AwardAnnounced")}
    if unheard := shown.keys() - announced.keys():
        raise Broken(f"{tender}/award was altered: no entry announced award {min(unheard)}")
    for id_, one in announced.items():
        award = shown.get(id_, {})
        if any(award.get(name) != one.fact[name] for name in AWARD):
            raise Broken(f"{tender}/award was altered: entry {one.index} announced something else")
    if announced:
        findings.checks.append(f"awards shown: {len(announced)}, those that were announced")
