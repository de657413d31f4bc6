"""Whoever verifies a procurement counts the price of each lot: what closing fixed, and what was opened of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from procurement.kernel.entry import Record
from procurement.verifier import prices
from procurement.verifier.log import Broken
from procurement.verifier.records import Findings, Placed

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
OF_BIDS = {
    "adler": {"digest": "t-adler", "financial_lots": {"l1": "f-adler-1", "l2": "f-adler-2"}},
    "harbour": {"digest": "t-harbour", "financial_lots": {"l2": "f-harbour-2"}},
}
DECIDED = {"passed": ["f-adler-1", "f-harbour-2"], "failed": ["f-adler-2"]}
OPENED = {
    "bids": [
        {"bid": "adler", "digest": "f-adler-1", "lot": "l1", "lots": {"l1": 100}, "problem": ""},
        {"bid": "harbour", "digest": "f-harbour-2", "lot": "l2", "lots": {"l2": 90}, "problem": ""},
    ]
}


def placed(index: int, type_: str, fact: dict[str, Any]) -> Placed:
    return Placed(index, Record(type_, NOON.isoformat(), "ocds-1", "", "", fact))


def record(decided: dict[str, Any], opened: dict[str, Any]) -> Findings:
    published = placed(0, "TenderPublished", {"financial_recipient": "age1q"})
    received = [placed(place, "BidReceived", one) for place, one in enumerate(OF_BIDS.values(), start=1)]
    return Findings([published, *received, placed(3, "TechnicalDecided", decided), placed(4, "PricesOpened", opened)])


def test_every_envelope_of_every_lot_counts() -> None:
    findings = record(DECIDED, OPENED)
    received = findings.of("BidReceived")
    assert [digest for one in received for digest in prices.digests_of(one)] == [
        "t-adler", "f-adler-1", "f-adler-2", "t-harbour", "f-harbour-2",
    ]  # fmt: skip
    assert sorted(prices.sealed_apart(findings, received) or ()) == ["f-adler-1", "f-adler-2", "f-harbour-2"]
    prices.verify(findings)
    assert findings.checks == ["2 prices were opened after the technical decision, and 1 stay sealed"]
    whole = prices.with_prices(findings, {"adler": {"lots": {}}, "harbour": {"lots": {}}})
    assert (whole["adler"]["lots"], whole["harbour"]["lots"]) == ({"l1": 100}, {"l2": 90})


def test_the_price_of_a_lot_that_was_failed_is_not_opened_unseen() -> None:
    more = {"bids": [*OPENED["bids"], OPENED["bids"][0] | {"digest": "f-adler-2", "lot": "l2"}]}
    with pytest.raises(Broken, match="other prices than of those who passed"):
        prices.verify(record(DECIDED, more))
