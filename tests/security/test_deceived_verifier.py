"""What an operator who signs honestly and serves dishonestly might try on somebody who checks a procurement."""

import hashlib

import msgspec
import pytest
from forged_record import FIRST, HONEST, OCID, OLD, SECOND, checks, closed, hidden, log_of, opened, published, record

from procurement.kernel import tiles
from procurement.kernel.entry import SALT, entry_hash
from procurement.verifier import log as logs
from procurement.verifier import tender, whole
from procurement.verifier.log import Broken, Entry, Fetch, Log


def test_an_honest_record_is_verified() -> None:
    assert len(checks(*HONEST)) == 4


def test_a_replaced_bid_that_was_opened_is_found() -> None:
    with pytest.raises(Broken, match="closed on other bids"):
        checks(published(), FIRST, SECOND, closed(OLD), opened(FIRST))


def test_bids_that_were_named_have_to_be_readable() -> None:
    log, served = record(*HONEST)
    with pytest.raises(Broken, match="closed on other bids"):
        tender.verify(log, OCID, [hidden(one) if "BidReceived" in one.record else one for one in served])


def listing(log: Log, served: list[Entry], listed: list[Entry]) -> None:
    """What is checked of the procurement's list, beside the whole log."""

    def fetch(path: str) -> bytes:
        if path.startswith("/ledger/process/"):
            return msgspec.json.encode(listed)
        return msgspec.json.encode(logs.Page(served[int(path.rpartition("=")[2]) :]))

    served_: Fetch = fetch
    whole.the_list_is_whole(served_, log, OCID, tender.verify(log, OCID, served))


def test_leaving_out_the_first_entries_of_a_list_is_noticed() -> None:
    log, served = record(*HONEST)
    listing(log, served, served)
    with pytest.raises(Broken, match="entry 0 belongs to"):
        listing(log, served, served[1:])


def test_an_entry_that_is_listed_without_its_record_is_noticed() -> None:
    log, served = record(*HONEST)
    with pytest.raises(Broken, match=f"entry 3 is listed for {OCID} without a record of it"):
        listing(log, served, [hidden(one) if one.index == 3 else one for one in served])


def test_an_entry_that_only_the_list_shows_is_noticed() -> None:
    log, served = record(published(), FIRST)
    with pytest.raises(Broken, match="entry 1 is readable in a list, and hidden where it stands"):
        listing(log, [served[0], hidden(served[1])], served)


def test_a_tile_that_is_too_short_does_not_fit() -> None:
    log, _ = record(*HONEST)
    right = tiles.grow({}, 0, log.leaves)[0, 0]
    logs.tiles_must_fit(lambda path: right, {(0, 0): right})
    with pytest.raises(Broken, match="bytes"):
        logs.tiles_must_fit(lambda path: right[:-32], {(0, 0): right})


def test_a_salt_has_one_length() -> None:
    _, served = record(HONEST[0])
    cut = served[0].record.index("{", 1)
    longer = bytes.fromhex(served[0].salt) + served[0].record[:cut].encode()
    moved = Entry(0, served[0].entry, longer.hex(), served[0].record[cut:])
    with pytest.raises(Broken, match="another length"):
        logs.must_belong(log_of([moved]), moved)


@pytest.mark.parametrize("other", ['{"type":"Other",', "{ "])
def test_a_record_has_one_spelling(other: str) -> None:
    """With two types in it, readers of different make would read different facts."""
    _, served = record(*HONEST)
    body, salt = other + served[3].record[1:], hashlib.sha256(b"salt").digest()
    assert len(salt) == SALT
    twofold = Entry(3, entry_hash(salt, body.encode()).hex(), salt.hex(), body)
    with pytest.raises(Broken, match="entry 3 is malformed: a record that is not in canonical form"):
        tender.verify(log_of([*served[:3], twofold]), OCID, [*served[:3], twofold])


def test_a_fact_without_its_moment_is_named() -> None:
    bare = msgspec.structs.replace(published(), fact={"tender": "1"})
    with pytest.raises(Broken, match="entry 0 names no deadline"):
        checks(bare)


def test_nothing_is_said_of_a_procurement_that_the_log_does_not_have() -> None:
    log, served = record(*HONEST)
    with pytest.raises(Broken, match="has no entry of ocds-other"):
        tender.verify(log, "ocds-other", served)


def test_a_bid_that_was_disclosed_is_served_at_its_place_too() -> None:
    from_the_start = record(*HONEST)[1][1]
    item = {name: getattr(from_the_start, name) for name in ("entry", "salt", "record")}
    disclosure = msgspec.structs.replace(HONEST[-1], type="RecordsDisclosed", fact={"records": [item]})
    log, served = record(*HONEST, disclosure)
    assert "1 records were hidden first and disclosed later, unchanged" in tender.verify(log, OCID, served).checks
    served[1] = hidden(served[1])
    with pytest.raises(Broken, match="entry 1, disclosed by entry 5, is no readable one"):
        tender.verify(log, OCID, served)
