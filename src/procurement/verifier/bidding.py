"""What bidders were promised, and whether every bid was taken by it: one publication, deadlines, versions."""

from datetime import timedelta

from procurement.verifier.log import Broken
from procurement.verifier.records import Findings, Placed

BACK = timedelta(minutes=5)
"""How far a record may be dated before one in front of it. It is dated when its work begins, and placed when that is
done: under load a second later, and never minutes."""

LIVE = (
    "DeadlineExtended", "BidReceived", "BidWithdrawn", "TenderClosed", "BidsOpened", "TechnicalDecided", "PricesOpened",
    "AwardAnnounced",
)  # fmt: skip


def verify(findings: Findings) -> None:
    """Broken names the entry that breaks a promise; what was checked is added to `findings`."""
    _it_was_published_once(findings)
    _all_speak_of_one_tender(findings)
    _none_is_back_dated(findings)
    _nothing_follows_a_cancellation(findings)
    _deadlines_only_moved_forward(findings)
    _bids_came_in_time(findings)
    if bids := findings.of("BidReceived", "BidWithdrawn"):
        standing(findings)
        findings.checks.append(f"{len(bids)} submissions and withdrawals came before the deadline and the closing")


def standing(findings: Findings) -> list[Placed]:
    """The bids that could be opened: of each supplier the last one, unless it was withdrawn. Broken where versions do
    not rise, a bid's id serves twice, or something else is withdrawn than the supplier's last bid."""
    last: dict[str, Placed] = {}
    withdrawn: set[str] = set()  # ids of bids
    for one in findings.of("BidReceived", "BidWithdrawn"):
        bid, supplier = one.fact["bid"], one.fact["supplier"]
        before = last.get(supplier)
        if one.record.type == "BidWithdrawn":
            if before is None or bid in withdrawn or _version(before) != _version(one):
                raise Broken(f"entry {one.index} withdraws another bid than the last one of {supplier}")
            withdrawn.add(bid)
        elif before and before.fact["version"] >= one.fact["version"]:
            raise Broken(f"entry {one.index} takes version {one.fact['version']} after entry {before.index}")
        else:
            last[supplier] = one
    received = [one.fact["bid"] for one in findings.of("BidReceived")]
    if len(set(received)) < len(received):
        raise Broken(f"two bids of the record are called {max(received, key=received.count)}")
    return [one for one in last.values() if one.fact["bid"] not in withdrawn]


def _version(one: Placed) -> tuple[str, int]:
    return one.fact["bid"], one.fact["version"]


def _it_was_published_once(findings: Findings) -> None:
    """What follows a publication has one before it: without its record no deadline could be checked."""
    later = findings.of("DeadlineExtended", "BidReceived", "TenderClosed", "BidsOpened", "AwardAnnounced")
    published = findings.of("TenderPublished")
    if later and not (published and published[0].index < later[0].index):
        raise Broken(f"entry {later[0].index} stands in the record without a publication before it")
    if published[1:]:
        raise Broken(f"entry {published[1].index} publishes the tender a second time")


def _all_speak_of_one_tender(findings: Findings) -> None:
    for published in findings.of("TenderPublished"):
        tender = published.fact["tender"]
        for one in findings.placed:
            if one.fact.get("tender", tender) != tender:
                raise Broken(f"entry {one.index} speaks of tender {one.fact['tender']}, not of {tender}")
        if (index := findings.elsewhere.get(tender)) is not None:
            raise Broken(f"entry {index} speaks of tender {tender} under the name of another procurement")


def _none_is_back_dated(findings: Findings) -> None:
    """Neither a record, nor the moment that a bid's record gives, lies before what was in the log already."""
    for one in findings.placed:
        of_bid = one.record.type in ("BidReceived", "BidWithdrawn")
        moments = [one.at, *([one.time("received_at", "withdrawn_at")] if of_bid else [])]
        if one.after and min(moments) < one.after - BACK:
            said = min(moments).isoformat()
            raise Broken(f"entry {one.index} is back-dated: it says {said}, one before it {one.after.isoformat()}")


def _nothing_follows_a_cancellation(findings: Findings) -> None:
    for cancelled in findings.of("TenderCancelled")[:1]:
        for one in findings.of(*LIVE):
            if one.index > cancelled.index:
                raise Broken(f"entry {one.index} ({one.record.type}) follows the cancellation at {cancelled.index}")


def _deadlines_only_moved_forward(findings: Findings) -> None:
    moves = findings.of("TenderPublished", "DeadlineExtended")
    times = [one.time("deadline") for one in moves]
    for one, before, after in zip(moves[1:], times, times[1:], strict=False):
        if after < before:
            raise Broken(f"entry {one.index} moved the deadline back")
        if one.at >= before:
            raise Broken(f"entry {one.index} moved a deadline that had passed")
        if one.fact["approved_by"] == one.fact["proposed_by"]:
            raise Broken(f"entry {one.index} moved the deadline with one person only")
    if times:
        findings.checks.append(f"the deadline {times[-1]} was only ever moved forward ({len(times) - 1} times)")


def _bids_came_in_time(findings: Findings) -> None:
    closings = findings.of("TenderClosed")
    if closings[1:]:
        raise Broken(f"entry {closings[1].index} closes the tender a second time")
    promised = [(one.index, one.time("deadline")) for one in findings.of("TenderPublished", "DeadlineExtended")]
    for bid in findings.of("BidReceived", "BidWithdrawn"):
        stamp, deadline = bid.time("received_at", "withdrawn_at"), bid.time("deadline_applied")
        before = {moment for index, moment in promised if index < bid.index}  # a later promise saves no late bid
        if stamp >= deadline or deadline not in before:
            raise Broken(f"entry {bid.index} took a bid at {stamp}, which was too late")
        if closings and bid.index > closings[0].index:
            raise Broken(f"entry {bid.index} took a bid after the closing at entry {closings[0].index}")
