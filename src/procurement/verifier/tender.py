"""A whole procurement against its entries: order, deadlines, the closing root, what was opened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from procurement.kernel.entry import Record, entry_hash
from procurement.kernel.sealing import closing_root
from procurement.verifier.log import Broken, Entry, Log, must_belong


class Placed(msgspec.Struct, frozen=True):
    """A readable record at its place in the log."""

    index: int
    record: Record

    @property
    def fact(self) -> dict[str, Any]:
        return self.record.fact

    def time(self, *names: str) -> datetime:
        """The first of the named moments that the fact has. Broken when it has none of them."""
        found = next((self.fact[name] for name in names if name in self.fact), None)
        if found is None:
            raise Broken(f"entry {self.index} names no {names[0]}")
        return datetime.fromisoformat(found)


class Findings(msgspec.Struct):
    """What was checked, in words, and the records that were."""

    placed: list[Placed]
    checks: list[str] = []

    @property
    def entries(self) -> int:
        return len(self.placed)

    def of(self, *types: str) -> list[Placed]:
        return _of(self.placed, *types)


def verify(log: Log, ocid: str, entries: Sequence[Entry]) -> Findings:
    """Check every entry of procurement `ocid`, and what they say together. Broken names what is wrong."""
    if not entries:
        raise Broken(f"the record has no entry of {ocid}")
    placed: list[Placed] = []
    for entry in entries:
        record = must_belong(log, entry)
        if record is not None:
            if record.process != ocid:
                raise Broken(f"entry {entry.index} belongs to {record.process or 'nothing'}, not to {ocid}")
            placed.append(Placed(entry.index, record))
    placed.sort(key=lambda one: one.index)  # the log's own order, whatever order they were listed in
    _it_was_published_once(placed)
    findings = Findings(placed)
    findings.checks.append(f"{len(placed)} entries are in the signed log, unaltered")
    _disclosures_are_true(log, placed, findings)
    _deadlines_only_moved_forward(placed, findings)
    _bids_came_in_time(placed, findings)
    _closing_fixed_the_bids(placed, findings)
    _awards_have_opened_prices(placed, findings)
    return findings


def _of(placed: Sequence[Placed], *types: str) -> list[Placed]:
    return [one for one in placed if one.record.type in types]


def _it_was_published_once(placed: Sequence[Placed]) -> None:
    """What follows a publication has one before it: without its record no deadline could be checked."""
    later = _of(placed, "BidReceived", "TenderClosed", "BidsOpened", "AwardAnnounced")
    published = _of(placed, "TenderPublished")
    if later and not (published and published[0].index < later[0].index):
        raise Broken(f"entry {later[0].index} stands in the record without a publication before it")
    if published[1:]:
        raise Broken(f"entry {published[1].index} publishes the tender a second time")


def _disclosures_are_true(log: Log, placed: Sequence[Placed], findings: Findings) -> None:
    """What a disclosure printed is what the log held all the time."""
    count = 0
    for disclosure in _of(placed, "RecordsDisclosed"):
        for item in disclosure.fact["records"]:
            entry = entry_hash(bytes.fromhex(item["salt"]), item["record"].encode())
            if entry.hex() != item["entry"] or entry not in log.places:
                raise Broken(f"entry {disclosure.index} discloses a record that the log does not hold")
            count += 1
    if count:
        findings.checks.append(f"{count} records were hidden first and disclosed later, unchanged")


def _deadlines_only_moved_forward(placed: Sequence[Placed], findings: Findings) -> None:
    moves = _of(placed, "TenderPublished", "DeadlineExtended")
    times = [one.time("deadline") for one in moves]
    for one, before, after in zip(moves[1:], times, times[1:], strict=False):
        if after < before:
            raise Broken(f"entry {one.index} moved the deadline back")
        if datetime.fromisoformat(one.record.at) >= before:
            raise Broken(f"entry {one.index} moved a deadline that had passed")
        if one.fact["approved_by"] == one.fact["proposed_by"]:
            raise Broken(f"entry {one.index} moved the deadline with one person only")
    if times:
        findings.checks.append(f"the deadline {times[-1]} was only ever moved forward ({len(times) - 1} times)")


def _bids_came_in_time(placed: Sequence[Placed], findings: Findings) -> None:
    bids, closings = _of(placed, "BidReceived", "BidWithdrawn"), _of(placed, "TenderClosed")
    if len(closings) > 1:
        raise Broken(f"entry {closings[1].index} closes the tender a second time")
    promised = [(one.index, one.time("deadline")) for one in _of(placed, "TenderPublished", "DeadlineExtended")]
    for bid in bids:
        stamp, deadline = bid.time("received_at", "withdrawn_at"), bid.time("deadline_applied")
        before = {moment for index, moment in promised if index < bid.index}  # a later promise saves no late bid
        if stamp >= deadline or deadline not in before:
            raise Broken(f"entry {bid.index} took a bid at {stamp}, which was too late")
        if closings and bid.index > closings[0].index:
            raise Broken(f"entry {bid.index} took a bid after the closing at entry {closings[0].index}")
    if bids:
        findings.checks.append(f"{len(bids)} submissions and withdrawals came before the deadline and the closing")


def final_digests(placed: Sequence[Placed]) -> set[str]:
    """The digests that could be opened: of each supplier the last bid, unless it was withdrawn."""
    last: dict[str, str] = {}
    for one in _of(placed, "BidReceived", "BidWithdrawn"):
        last[one.fact["supplier"]] = one.fact["digest"] if one.record.type == "BidReceived" else ""
    return {digest for digest in last.values() if digest}


def _closing_fixed_the_bids(placed: Sequence[Placed], findings: Findings) -> None:
    opened = _of(placed, "BidsOpened")
    closings = _of(placed, "TenderClosed")
    if not opened:
        return
    if opened[1:]:
        raise Broken(f"entry {opened[1].index} opens the bids a second time")
    if not closings or opened[0].index < closings[0].index:
        raise Broken(f"entry {opened[0].index} opened bids that no closing had fixed")
    closing = closings[0]
    fixed = closing.fact["bids"], closing.fact["root"]
    received, shown = final_digests(placed), {bid["digest"] for bid in opened[0].fact["bids"]}
    named = any(bid["supplier"] for bid in opened[0].fact["bids"])  # then who bid was disclosed with the opening
    if (received or named) and closing_root(received) != fixed:
        raise Broken(f"entry {closing.index} closed on other bids than those received")
    if closing_root(shown) != fixed or opened[0].fact["root"] != closing.fact["root"]:
        raise Broken(f"entry {opened[0].index} opened other bids than those that the closing fixed")
    findings.checks.append(f"the {len(shown)} bids that were opened are exactly those that the closing fixed")


def _awards_have_opened_prices(placed: Sequence[Placed], findings: Findings) -> None:
    """Each award's price is the one that was read out of that bid for that lot, where prices were read out."""
    read_out = {bid["bid"]: bid["lots"] for one in _of(placed, "BidsOpened") for bid in one.fact["bids"]}
    awards = _of(placed, "AwardAnnounced")
    for award in awards:
        prices = read_out.get(award.fact["bid"])
        if prices is None or (prices and award.fact["price"] != prices.get(award.fact["lot"])):
            raise Broken(f"entry {award.index} awards at a price that was not read out at the opening")
    if awards:
        findings.checks.append(f"{len(awards)} awards were made to opened bids, at the prices read out")
