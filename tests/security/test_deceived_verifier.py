"""What an operator who signs honestly and serves dishonestly might try on somebody who checks a procurement."""

from typing import Any

import msgspec
import pytest

from procurement.kernel import merkle, tiles
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.entry import Record, entry_hash
from procurement.kernel.sealing import closing_root
from procurement.verifier import log as logs
from procurement.verifier import tender, whole
from procurement.verifier.log import Broken, Entry, Log

KEY = SignerKey("practice.example", bytes(32))
OCID, SALT = "ocds-xmarrow-1", bytes(range(32))
DEADLINE = "2026-11-01T12:00:00.000000Z"
OLD, NEW = "aa" * 32, "bb" * 32


def fact(type_: str, process: str = OCID, **fields: Any) -> tuple[str, str, dict[str, Any]]:
    return type_, process, fields


def bid(digest: str, version: int) -> tuple[str, str, dict[str, Any]]:
    stamps = {"received_at": "2026-11-01T11:00:00.000000Z", "deadline_applied": DEADLINE}
    return fact("BidReceived", supplier="harbour", digest=digest, version=version, **stamps)


def opened(digest: str, price: int = 10) -> tuple[str, str, dict[str, Any]]:
    shown = {"bid": "b", "supplier": "harbour", "digest": digest, "lots": {"lot": price}}
    return fact("BidsOpened", bids=[shown], root=closing_root([digest])[1])


def closed(digest: str) -> tuple[str, str, dict[str, Any]]:
    return fact("TenderClosed", bids=1, root=closing_root([digest])[1])


PUBLISHED = fact("TenderPublished", deadline=DEADLINE, tender="1")
HONEST = [PUBLISHED, bid(OLD, 1), bid(NEW, 2), closed(NEW), opened(NEW)]


def record(*facts: tuple[str, str, dict[str, Any]], at: str = DEADLINE) -> tuple[Log, list[Entry]]:
    """A signed log of these facts, recorded at that time, and its entries as they are served."""
    served = []
    for index, (type_, process, fields) in enumerate(facts):
        body = canonical(Record(type_, at, process, "nobody", "", fields))
        served.append(Entry(index, entry_hash(SALT, body).hex(), SALT.hex(), body.decode()))
    entries = [bytes.fromhex(entry.entry) for entry in served]
    root = merkle.root([merkle.leaf_hash(entry) for entry in entries])
    return Log(Checkpoint(KEY.verifier.name, len(entries), root), entries), served


def test_an_honest_record_is_verified() -> None:
    log, served = record(*HONEST)
    assert len(tender.verify(log, OCID, served).checks) == 4


def test_listing_the_bids_in_another_order_hides_no_replaced_bid_that_was_opened() -> None:
    log, served = record(PUBLISHED, bid(OLD, 1), bid(NEW, 2), closed(OLD), opened(OLD))
    listed = [served[place] for place in (0, 2, 1, 3, 4)]
    with pytest.raises(Broken, match="closed on other bids"):
        tender.verify(log, OCID, listed)


def test_bids_that_were_named_have_to_be_readable() -> None:
    log, served = record(*HONEST)
    hidden = [msgspec.structs.replace(one, record="", salt="") if "BidReceived" in one.record else one
              for one in served]  # fmt: skip
    with pytest.raises(Broken, match="closed on other bids"):
        tender.verify(log, OCID, hidden)


LATER = "2026-11-02T12:00:00.000000Z"
EXTENDED = fact("DeadlineExtended", deadline=LATER, proposed_by="a", approved_by="b")
LATE = fact("BidReceived", supplier="late", digest=NEW, version=1, received_at=DEADLINE, deadline_applied=LATER)


def test_a_deadline_that_has_passed_is_not_moved() -> None:
    log, served = record(PUBLISHED, EXTENDED, at="2026-11-01T11:59:59.999999Z")
    assert tender.verify(log, OCID, served)
    log, served = record(PUBLISHED, EXTENDED, at=DEADLINE)
    with pytest.raises(Broken, match="entry 1 moved a deadline that had passed"):
        tender.verify(log, OCID, served)


def test_a_deadline_that_was_promised_afterwards_saves_no_late_bid() -> None:
    log, served = record(PUBLISHED, EXTENDED, LATE, at="2026-11-01T11:00:00.000000Z")
    assert tender.verify(log, OCID, served)
    log, served = record(PUBLISHED, LATE, EXTENDED, at="2026-11-01T11:00:00.000000Z")
    with pytest.raises(Broken, match="entry 1 took a bid"):
        tender.verify(log, OCID, served)


def test_a_fact_without_its_moment_is_named() -> None:
    log, served = record(fact("TenderPublished"))
    with pytest.raises(Broken, match="entry 0 names no deadline"):
        tender.verify(log, OCID, served)


def test_nothing_is_opened_twice() -> None:
    log, served = record(*HONEST, opened(NEW, price=99))
    with pytest.raises(Broken, match="a second time"):
        tender.verify(log, OCID, served)


def test_no_award_is_made_for_a_lot_that_the_bid_did_not_price() -> None:
    award = fact("AwardAnnounced", award="a", bid="b", lot="other", price=10)
    log, served = record(*HONEST, award)
    with pytest.raises(Broken, match="not read out"):
        tender.verify(log, OCID, served)


def test_what_follows_a_publication_is_not_verified_without_it() -> None:
    log, served = record(*HONEST)
    with pytest.raises(Broken, match="without a publication"):
        tender.verify(log, OCID, served[3:])


def test_leaving_out_the_first_entries_of_a_list_is_noticed() -> None:
    log, served = record(PUBLISHED, *HONEST)

    def fetch(path: str) -> bytes:
        start = int(path.rpartition("=")[2])
        return msgspec.json.encode(logs.Page(served[start:]))

    with pytest.raises(Broken, match="entry 0 belongs to"):
        whole._nothing_was_left_out(fetch, log, OCID, served[1:])


def test_a_tile_that_is_too_short_does_not_fit() -> None:
    log, _ = record(*HONEST)
    right = tiles.grow({}, 0, log.leaves)[0, 0]
    logs.tiles_must_fit(lambda path: right, {(0, 0): right})
    with pytest.raises(Broken, match="bytes"):
        logs.tiles_must_fit(lambda path: right[:-32], {(0, 0): right})


def test_a_salt_has_one_length() -> None:
    log, served = record(fact("Any", x={"type": "TenderClosed"}))
    cut = served[0].record.index("{", 1)
    longer = SALT + served[0].record[:cut].encode()
    moved = Entry(0, served[0].entry, longer.hex(), served[0].record[cut:])
    with pytest.raises(Broken, match="another length"):
        logs.must_belong(log, moved)
