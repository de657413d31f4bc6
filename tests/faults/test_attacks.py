"""Somebody with every password changes what was recorded: whoever kept a checkpoint and the public key sees it."""

import re
from pathlib import Path

import pytest
from attacker import Attacker
from click.testing import CliRunner
from reading import OCID, TENDER, Reader
from whole_service import Up

from procurement.cli import main
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.sealing import closing_root

pytestmark = pytest.mark.anyio

EARLIER = "2026-07-01T09:00:00.000000Z"


async def test_the_untouched_record_is_verified(attacker: Attacker, reader: Reader) -> None:
    assert reader.verifies().startswith(f"VERIFIED  {OCID}")
    assert reader.follows() == reader.asks_the_witness() == ""


async def test_one_altered_record_is_named(attacker: Attacker, reader: Reader) -> None:
    index = await attacker.index_of("AwardAnnounced", OCID)
    await attacker.rewrite(index, reason="Because I say so.")
    assert reader.verifies() == f"NOT VERIFIED  entry {index} was altered: its record does not give its entry"
    assert reader.follows() == f"entry {index} was altered: its record does not give its entry"


async def test_one_altered_leaf_is_named(attacker: Attacker, reader: Reader) -> None:
    index = await attacker.index_of("TenderClosed", OCID)
    await attacker.sql.execute("UPDATE ledger_leaf SET entry = $2 WHERE leaf_index = $1", index, bytes(32))
    assert reader.verifies() == f"NOT VERIFIED  entry {index} was altered: it is not the one that the tree holds"


async def test_one_altered_tile_is_named(attacker: Attacker, reader: Reader) -> None:
    forged = "overlay(hashes placing $1 from 32 * 7 + 1)"
    await attacker.sql.execute(
        f"UPDATE ledger_tile SET hashes = {forged} WHERE level = 0 AND tile_index = 0", bytes(32)
    )
    said = reader.verifies()
    assert re.fullmatch(r"NOT VERIFIED  tile/0/000(\.p/\d+)? was altered: it does not hold the hash of entry 7", said)


async def test_a_deleted_entry_is_named(attacker: Attacker, reader: Reader) -> None:
    index = await attacker.index_of("BidsOpened", OCID)
    await attacker.delete(index)
    assert reader.verifies() == f"NOT VERIFIED  entry {index} is missing from the record"
    assert reader.follows() == f"entry {index} is missing from the record"


async def test_a_record_withheld_while_its_leaf_stays_is_named(attacker: Attacker, reader: Reader) -> None:
    index = await attacker.index_of("ContractSigned", OCID)
    await attacker.sql.execute(
        "DELETE FROM ledger_record WHERE id = (SELECT record_id FROM ledger_leaf WHERE leaf_index = $1)", index
    )
    assert reader.verifies() == f"NOT VERIFIED  entry {index} is missing from the record"


async def test_an_entry_hidden_from_the_list_of_its_procurement_is_named(attacker: Attacker, reader: Reader) -> None:
    index = await attacker.index_of("AwardAnnounced", OCID)
    await attacker.sql.execute(
        "UPDATE ledger_record SET process = '' WHERE id = (SELECT record_id FROM ledger_leaf WHERE leaf_index = $1)",
        index,
    )
    assert reader.verifies() == f"NOT VERIFIED  entry {index} belongs to {OCID} and was left out of its list"


async def test_a_back_dated_record_is_named(attacker: Attacker, reader: Reader) -> None:
    index = await attacker.index_of("TenderPublished", OCID)
    await attacker.rewrite(index, at_=EARLIER)
    await attacker.remake_leaf(index)
    assert reader.verifies() == f"NOT VERIFIED  entry {index} was altered: it is not the one that the tree holds"


@pytest.mark.parametrize("how", ["altered", "back-dated", "deleted", "inserted"])
async def test_a_log_signed_again_as_a_whole_is_caught_by_an_earlier_checkpoint(
    attacker: Attacker, reader: Reader, how: str
) -> None:
    match how:
        case "altered":
            await attacker.rewrite(await attacker.index_of("AwardAnnounced", OCID), reason="Because I say so.")
            await attacker.sql.execute("UPDATE award SET reason = 'Because I say so.' WHERE tender_id = $1", TENDER)
        case "back-dated":
            await attacker.rewrite(await attacker.index_of("TenderPublished", OCID), at_=EARLIER)
        case "deleted":
            await attacker.delete(await attacker.index_of("ContractSigned", OCID))
        case "inserted":
            await attacker.insert(await attacker.index_of("AwardAnnounced", OCID))
    await attacker.sign_everything_again()
    assert reader.verifies(earlier=False).startswith("VERIFIED"), "the forgery is perfect in itself"
    assert re.match(r"NOT VERIFIED  the log (was rewritten|has shrunk)", reader.verifies())
    assert re.match(r"the log (is forked|has shrunk)", reader.follows())
    assert re.search(r"witness", reader.asks_the_witness()), "also without an earlier checkpoint"


async def test_a_record_dated_before_one_in_front_of_it_is_named_in_a_perfectly_signed_log(
    attacker: Attacker, reader: Reader
) -> None:
    index = await attacker.index_of("ContractSigned", OCID)
    await attacker.rewrite(index, at_=EARLIER)
    await attacker.sign_everything_again()
    assert reader.verifies(earlier=False).startswith(f"NOT VERIFIED  entry {index} is back-dated: it says 2026-07-01")


async def test_a_database_restored_to_an_earlier_point_is_a_shorter_log_and_lacks_acknowledged_bids(
    attacker: Attacker, reader: Reader, up: Up, tmp_path: Path
) -> None:
    """Whoever holds a receipt of a lost bid proves both: what was promised, and that it is gone."""
    received = await attacker.index_of("BidReceived", OCID)
    body = await attacker.sql.fetchval(
        "SELECT body FROM bid_receipt JOIN bid ON id = bid_id WHERE tender_id = $1 LIMIT 1", TENDER
    )
    file = tmp_path / "receipt.json"
    file.write_bytes(body)
    words = ["verify", "receipt", str(file), "--from", reader.url, "--key", up.get("/ledger/keys").json()["receipts"]]
    assert CliRunner().invoke(main, words).exit_code == 0
    for table in ("ledger_leaf", "ledger_checkpoint"):
        column = "leaf_index" if table == "ledger_leaf" else "size"
        await attacker.sql.execute(f"DELETE FROM {table} WHERE {column} >= $1", received)
    await attacker.sign_everything_again()
    assert re.match(r"the log has shrunk from \d+ to \d+ entries", reader.follows())
    assert "is not in the log" in CliRunner().invoke(main, words).output


async def test_a_public_record_that_is_kept_back_from_a_reader_is_named(attacker: Attacker, reader: Reader) -> None:
    """So nobody can be shown a publication that others are not: its entry says that everybody may ask for it."""
    index = await attacker.index_of("TenderPublished", OCID)
    await attacker.keep_back(index)
    assert reader.verifies() == (
        f"NOT VERIFIED  entry {index} is marked open, and its record is kept back [open-entry-unread]"
    )
    assert reader.follows() == f"entry {index} is marked open, and its record is kept back [open-entry-unread]"


async def test_a_public_record_in_an_entry_that_is_not_open_is_named_in_a_perfectly_signed_log(
    attacker: Attacker, reader: Reader
) -> None:
    index = await attacker.index_of("ContractSigned", OCID)
    await attacker.sign_everything_again(unmarked={index})
    said = f"entry {index} (ContractSigned) is public at once, and stands in an entry that is not marked open"
    assert reader.verifies(earlier=False) == f"NOT VERIFIED  {said} [entry-not-open]"


async def test_another_key_is_no_help(attacker: Attacker, reader: Reader) -> None:
    """Without the log's key an attacker signs with one of its own, and publishes that."""
    own = SignerKey(str(await attacker.sql.fetchval("SELECT origin FROM installation")), bytes(range(32)))
    for index in (await attacker.index_of("KeyPublished", ""), await attacker.index_of("KeyPublished", "") + 1):
        await attacker.rewrite(index, verifier=str(own.verifier))
    await attacker.sign_everything_again(own)
    assert reader.verifies() == f"NOT VERIFIED  the newest checkpoint: {own.verifier.name} did not sign this note"


async def test_opening_another_bid_than_closing_fixed_is_caught_in_a_perfectly_signed_log(
    attacker: Attacker, reader: Reader
) -> None:
    opened = await attacker.index_of("BidsOpened", OCID)
    bids = await attacker.fact_of(opened)
    bids["bids"][0]["digest"] = "00" * 32
    await attacker.rewrite(opened, bids=bids["bids"])
    await attacker.sign_everything_again()
    said = reader.verifies(earlier=False)
    assert said == f"NOT VERIFIED  entry {opened} opened other bids than those that the closing fixed"


async def test_a_received_bid_exchanged_later_is_caught_in_a_perfectly_signed_log(
    attacker: Attacker, reader: Reader
) -> None:
    """Even with the copy that the opening disclosed exchanged too: the closing's root knows the bid that came."""
    received = await attacker.index_of("BidReceived", OCID)
    await attacker.rewrite(received, digest="00" * 32)
    await attacker.disclose_again(OCID)
    await attacker.sign_everything_again()
    said = reader.verifies(earlier=False)
    closing = await attacker.index_of("TenderClosed", OCID)
    assert said == f"NOT VERIFIED  entry {closing} closed on other bids than those received"


async def test_an_old_version_opened_instead_of_its_replacement_is_caught_in_a_perfectly_signed_log(
    attacker: Attacker, reader: Reader
) -> None:
    """The record says that a bid replaced another one; closing and opening were made to hold the one before."""
    old, new = (await attacker.places("BidReceived", OCID))[:2]
    replaced, opened = await attacker.fact_of(old), await attacker.index_of("BidsOpened", OCID)
    by_the_same = {"supplier": replaced["supplier"], "version": 2, "replaces": replaced["bid"]}
    await attacker.rewrite(new, **by_the_same)
    hidden = (await attacker.fact_of(new))["digest"]
    bids = [bid for bid in (await attacker.fact_of(opened))["bids"] if bid["digest"] != hidden]
    count, root = closing_root([bid["digest"] for bid in bids])
    closing = await attacker.index_of("TenderClosed", OCID)
    await attacker.rewrite(closing, bids=count, root=root)
    await attacker.rewrite(opened, bids=bids)
    await attacker.disclose_again(OCID)
    await attacker.sign_everything_again()
    said = reader.verifies(earlier=False)
    assert said == f"NOT VERIFIED  entry {closing} closed on other bids than those received"


async def test_a_disclosure_that_was_not_corrected_betrays_the_record_behind_it(
    attacker: Attacker, reader: Reader
) -> None:
    await attacker.rewrite(await attacker.index_of("BidReceived", OCID), sealed_by="server ")
    await attacker.sign_everything_again()
    disclosure = await attacker.index_of("RecordsDisclosed", OCID)
    said = reader.verifies(earlier=False)
    assert said == f"NOT VERIFIED  entry {disclosure} discloses a record that the log does not hold"


async def test_a_document_that_was_exchanged_on_the_disk_is_named(attacker: Attacker, reader: Reader, up: Up) -> None:
    published = await attacker.fact_of(await attacker.index_of("TenderPublished", OCID))
    document = published["documents"][0]
    (file,) = (up.data / "files").rglob(document["sha256"])
    true = file.read_bytes()
    file.write_bytes(true[:-1] + bytes([true[-1] ^ 1]))
    try:
        said = reader.verifies()
    finally:
        file.write_bytes(true)
    assert said.startswith(f"NOT VERIFIED  /api/v1/tenders/{TENDER}/documents/{document['id']}")


SHOWN = f"/api/v1/tenders/{TENDER}"
RECORD = """convert_to(replace(convert_from(record, 'UTF8'), '"supplier":"', '"supplier":"x'), 'UTF8')"""
CHANGES = {
    "title": ("tender SET title = 'Something else' WHERE id", SHOWN),
    "deadline": ("tender SET deadline = deadline - interval '1 hour' WHERE id", SHOWN),
    "quantity": ("item SET quantity = quantity + 1 WHERE tender_id", SHOWN),
    "digest": ("opened_bid SET digest = repeat('0', 64) WHERE tender_id", f"{SHOWN}/opening"),
    "price": (
        """opened_bid SET prices = jsonb_set(prices, '{lots,0,total}', '"1.00"') WHERE tender_id""",
        f"{SHOWN}/opening",
    ),
    "opening record": (f"opening SET record = {RECORD} WHERE tender_id", f"{SHOWN}/opening/record"),
    "award price": ("award SET price_amount = price_amount * 2 WHERE tender_id", f"{SHOWN}/award"),
    "unheard-of award": ("award SET id = 'another' WHERE tender_id", f"{SHOWN}/award"),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_what_the_service_shows_is_held_against_the_record(attacker: Attacker, reader: Reader, what: str) -> None:
    """The log is untouched; only the tables that pages are made from were altered."""
    change, altered = CHANGES[what]
    assert await attacker.sql.execute(f"UPDATE {change} = $1", TENDER) != "UPDATE 0"
    assert reader.verifies().startswith(f"NOT VERIFIED  {altered} was altered: ")
