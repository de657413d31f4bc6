"""The closing, the opening and the awards: what was fixed, that exactly this was opened, and that it was awarded."""

from typing import Any

from procurement.kernel.sealing import closing_root
from procurement.verifier.bidding import standing
from procurement.verifier.log import Broken, Log
from procurement.verifier.prices import digests_of, sealed_apart, with_prices
from procurement.verifier.records import Findings, Placed

MATCHED = ("bid", "version", "digest")  # of an opened bid and of its receipt


def verify(log: Log, findings: Findings) -> None:
    """Broken names what is wrong; what was checked is added to `findings`."""
    closings, opened = findings.of("TenderClosed"), findings.of("BidsOpened")
    for closing in closings:
        _closed_at_the_deadline(findings, closing)
    if opened:
        if opened[1:]:
            raise Broken(f"entry {opened[1].index} opens the bids a second time")
        if not closings or opened[0].index < closings[0].index:
            raise Broken(f"entry {opened[0].index} opened bids that no closing had fixed")
        _opened_in_time(findings, closings[0], opened[0])
        _closing_fixed_the_bids(findings, closings[0], opened[0])
        _all_act_on_this_closing(log, findings, closings[0])
    _awards_are_of_opened_bids(findings)


def _closed_at_the_deadline(findings: Findings, closing: Placed) -> None:
    """At or after the last deadline, which nothing moves any more."""
    moves = findings.of("TenderPublished", "DeadlineExtended")
    deadline = moves[-1].time("deadline")
    if moves[-1].index > closing.index:
        raise Broken(f"entry {moves[-1].index} moved the deadline after the closing at entry {closing.index}")
    if min(closing.at, closing.time("closed_at")) < deadline or closing.time("deadline") != deadline:
        raise Broken(f"entry {closing.index} closed the tender at {closing.at}, before its deadline {deadline}")


def _opened_in_time(findings: Findings, closing: Placed, opened: Placed) -> None:
    promised = findings.of("TenderPublished", "DeadlineExtended")[-1].time("opening_at")
    if opened.at < max(closing.at, promised):
        raise Broken(f"entry {opened.index} opened the bids at {opened.at}, before the opening time {promised}")


def _closing_fixed_the_bids(findings: Findings, closing: Placed, opened: Placed) -> None:
    """Those received are those closed on, and those opened: as lists, so that none is there twice."""
    fixed = closing.fact["bids"], closing.fact["root"]
    received, shown = standing(findings), opened.fact["bids"]
    named = any(bid["supplier"] for bid in shown)  # then who bid was disclosed with the opening
    if (received or named) and closing_root(digest for one in received for digest in digests_of(one)) != fixed:
        raise Broken(f"entry {closing.index} closed on other bids than those received")
    same_root = opened.fact["root"] == closing.fact["root"]
    sealed = sealed_apart(findings, received)
    whole = sealed is None or closing_root([*sealed, *(bid["digest"] for bid in shown)]) == fixed
    if not same_root or not whole:
        raise Broken(f"entry {opened.index} opened other bids than those that the closing fixed")
    if len({bid["bid"] for bid in shown}) < len(shown):
        raise Broken(f"entry {opened.index} opened two bids of one id")
    if shown and not (received or named):
        told = f"bids opened: {len(shown)}, under the closing's root; who bid was not disclosed: not checked"
    else:
        _each_was_received(opened, received)
        told = f"bids opened: {len(shown)}, exactly those that the closing fixed"
    findings.checks.append(told)


def _each_was_received(opened: Placed, received: list[Placed]) -> None:
    """By the same supplier, under the same id. One whose name is not read out shows "" for its supplier."""
    known = {one.fact["bid"]: one.fact for one in received}
    for bid in opened.fact["bids"]:
        receipt = known.get(bid["bid"], {})
        if _matched(bid) != _matched(receipt) or bid["supplier"] not in ("", receipt["supplier"]):
            raise Broken(f"entry {opened.index} opened bid {bid['bid']}, which was not received like that")


def _matched(fact: dict[str, Any]) -> list[Any]:
    return [fact.get(name) for name in MATCHED]


def _all_act_on_this_closing(log: Log, findings: Findings, closing: Placed) -> None:
    """Whoever asked, confirmed, gave shares or opened did it for the entry that closed this tender."""
    leaf = log.leaves[closing.index].hex()
    for one in findings.placed:
        if one.fact.get("closing", leaf) != leaf:
            raise Broken(f"entry {one.index} ({one.record.type}) names another closing than entry {closing.index}")
    if "closing" not in findings.of("BidsOpened")[0].fact:
        raise Broken(f"entry {findings.of('BidsOpened')[0].index} names no closing")


def _awards_are_of_opened_bids(findings: Findings) -> None:
    """Each goes to the supplier of an opened bid, at the price read out of it for that lot; what was not read out, or
    not disclosed, is not checked."""
    read_out = {bid["bid"]: bid for one in findings.of("BidsOpened") for bid in one.fact["bids"]}
    opened = with_prices(findings, read_out)
    suppliers = {one.fact["bid"]: one.fact["supplier"] for one in findings.of("BidReceived")}
    awards, unread = findings.of("AwardAnnounced"), 0
    for award in awards:
        bid = opened.get(award.fact["bid"])
        if bid is None or (bid["lots"] and award.fact["price"] != bid["lots"].get(award.fact["lot"])):
            raise Broken(f"entry {award.index} awards at a price that was not read out at the opening")
        supplier = bid["supplier"] or suppliers.get(bid["bid"], "")
        if supplier and award.fact["supplier"] != supplier:
            raise Broken(f"entry {award.index} awards bid {bid['bid']} of {supplier} to {award.fact['supplier']}")
        unread += not (supplier and bid["lots"])
    if awards:
        awarded = len(awards) - unread
        findings.checks.append(f"{awarded} awards went to the bidders of opened bids, at the prices read out")
    if unread:
        findings.checks.append(f"{unread} awards are of bids whose name or price was not read out: not checked")
