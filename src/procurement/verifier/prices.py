"""Bids of two envelopes: what closing fixed beside the technical ones; that only prices of who passed were opened."""

from typing import Any

from procurement.verifier.log import Broken
from procurement.verifier.records import Findings, Placed


def digests_of(received: Placed) -> list[str]:
    """Of all the envelopes of a received bid."""
    named = [received.fact[name] for name in ("digest", "financial") if name in received.fact]
    return [*named, *received.fact.get("financial_lots", {}).values()]


def sealed_apart(findings: Findings, received: list[Placed]) -> list[str] | None:
    """The digests of financial envelopes, which a technical decision has to name: no one where bids have one envelope,
    and None while nothing in the record names them."""
    if "financial_recipient" not in findings.of("TenderPublished")[0].fact:
        return []
    if decided := findings.of("TechnicalDecided"):
        return [*decided[0].fact["passed"], *decided[0].fact["failed"]]
    return [digest for one in received for digest in digests_of(one)[1:]] or None


def with_prices(findings: Findings, opened: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The opened bids by id, with what was read out of their financial envelopes, of all their lots."""
    lots = {name: dict(bid["lots"]) for name, bid in opened.items()}
    for one in findings.of("PricesOpened"):
        for price in one.fact["bids"]:
            lots.setdefault(price["bid"], {}).update(price["lots"])
    return {name: bid | {"lots": lots[name]} for name, bid in opened.items()}


def verify(findings: Findings) -> None:
    """Broken where prices were opened before it was decided who passed, of others than those, or twice."""
    decided, opened = findings.of("TechnicalDecided"), findings.of("PricesOpened")
    for again in (*decided[1:], *opened[1:]):
        raise Broken(f"entry {again.index} decides on prices, or opens them, a second time")
    if not opened:
        return
    if not decided or opened[0].index < decided[0].index:
        raise Broken(f"entry {opened[0].index} opened prices before it was decided who passed")
    digests = [bid["digest"] for bid in opened[0].fact["bids"]]
    if sorted(digests) != sorted(decided[0].fact["passed"]):
        raise Broken(f"entry {opened[0].index} opened other prices than of those who passed")
    kept = len(decided[0].fact["failed"])
    findings.checks.append(f"{len(digests)} prices were opened after the technical decision, and {kept} stay sealed")
