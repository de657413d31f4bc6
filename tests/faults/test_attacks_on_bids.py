"""Somebody with every password changes what is stored of sealed bids, or of who holds their keys, and not the log."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from attacker import Attacker
from click.testing import CliRunner
from reading import Reader
from whole_service import Up

from procurement.bids.doctor import bids
from procurement.cli import main
from procurement.infra.doctor.finding import State
from procurement.infra.services.up import running
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.sealing import new_identity, parse_envelope
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

OPEN, DOUBLE = "2026-0009", "ocds-xmarrow-2026-0012"  # bids for them are still sealed; the latter has key holders
Change = Callable[[Attacker, str], Awaitable[object]]


async def examined(up: Up) -> list[str]:
    """What `procurement doctor --deep` finds wrong with sealed bids."""
    found = await bids(running(Settings.read({"data": str(up.data)})))
    return [one.text for one in found if one.state is State.BROKEN]


async def any_bid(attacker: Attacker) -> tuple[str, str]:
    """Id and digest of one."""
    row = await attacker.sql.fetchrow("SELECT id, digest FROM bid WHERE tender_id = $1 ORDER BY id", OPEN)
    return row["id"], row["digest"]


async def edited(attacker: Attacker, bid: str) -> None:
    """With a digest that fits what it was made to."""
    envelope = await attacker.sql.fetchval("SELECT envelope FROM bid WHERE id = $1", bid)
    other = canonical(msgspec.json.decode(envelope) | {"client": "another"})
    change = "UPDATE bid SET envelope = $2, digest = $3 WHERE id = $1"
    await attacker.sql.execute(change, bid, other, sha256_hex(other))


def by(sql: str) -> Change:
    return lambda attacker, bid: attacker.sql.execute(sql, bid)


AS_ANOTHER = "it is stored as another bid, or at another moment, than was received"
COPY = "tender_id, supplier_id, round, kind, 9, 'another', request_sha256, repeat('0', 64), envelope, submitted_by"
OTHERS = "(SELECT body FROM bid_receipt WHERE bid_id <> $1 LIMIT 1)"
CHANGES: dict[str, tuple[Change, str]] = {
    "edited": (edited, "its envelope is not the one that was received"),
    "taken away": (by("DELETE FROM bid WHERE id = $1"), "it is not stored any more"),
    "put in": (
        by(f"INSERT INTO bid SELECT 'another', {COPY}, received_at, deadline_applied FROM bid WHERE id = $1"),
        "no record says that it was received",
    ),
    "dated back": (by("UPDATE bid SET received_at = received_at - interval '1 hour' WHERE id = $1"), AS_ANOTHER),
    "an older version": (by("UPDATE bid SET version = version + 1 WHERE id = $1"), AS_ANOTHER),
    "another receipt": (
        by(f"UPDATE bid_receipt SET body = {OTHERS} WHERE bid_id = $1"), "its receipt is not the one that was given"
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", CHANGES)
async def test_a_stored_bid_is_held_against_its_record_without_any_key(attacker: Attacker, up: Up, how: str) -> None:
    assert await examined(up) == []
    change, problem = CHANGES[how]
    bid, _digest = await any_bid(attacker)
    assert await change(attacker, bid) not in ("UPDATE 0", "DELETE 0", "INSERT 0 0")
    first, *_ = await examined(up)
    assert problem in first and f"of tender {OPEN}, digest" in first


async def test_a_sealed_part_exchanged_for_another_sealed_part_is_named(attacker: Attacker, up: Up) -> None:
    """Both are ciphertext; the bidder's receipt names the envelope, which names the hash of the one that is gone."""
    bid, digest = await any_bid(attacker)
    envelope = await attacker.sql.fetchval("SELECT envelope FROM bid WHERE id = $1", bid)
    other = await attacker.sql.fetchval("SELECT envelope FROM bid WHERE id <> $1 LIMIT 1", bid)
    part, foreign = (parse_envelope(one).blobs[0].sha256 for one in (envelope, other))
    file, copied = (next((up.data / "files" / "sealed").rglob(sha256)) for sha256 in (part, foreign))
    true = file.read_bytes()
    file.write_bytes(copied.read_bytes())
    try:
        first, *_ = await examined(up)
    finally:
        file.write_bytes(true)
    assert f"digest {digest}: its sealed part {part} is missing, or was exchanged" in first
    assert await examined(up) == []


async def test_a_receipt_shows_that_a_bid_was_edited_in_the_log_too(
    attacker: Attacker, reader: Reader, up: Up, tmp_path: Path
) -> None:
    """Even where everything was signed again: the receipt's entry is in that log no more."""
    bid, _ = await any_bid(attacker)
    row = await attacker.sql.fetchrow(
        "SELECT body, leaf_index FROM bid_receipt JOIN ledger_leaf USING (record_id) WHERE bid_id = $1", bid
    )
    file = tmp_path / "receipt.json"
    file.write_bytes(row["body"])
    words = ["verify", "receipt", str(file), "--from", reader.url, "--key", up.get("/ledger/keys").json()["receipts"]]
    assert CliRunner().invoke(main, words).exit_code == 0
    await attacker.rewrite(row["leaf_index"], digest="00" * 32)
    await attacker.sign_everything_again()
    assert "is not in the log" in CliRunner().invoke(main, words).output


async def test_a_holders_key_exchanged_in_the_roster_is_named(attacker: Attacker, reader: Reader) -> None:
    """Bids would be sealed to the attacker. Bidders' clients refuse it too: a signature does not fit."""
    assert reader.verifies(DOUBLE).startswith("VERIFIED")
    subject = DOUBLE.removeprefix("ocds-xmarrow-")
    roster = msgspec.json.decode(await attacker.sql.fetchval("SELECT content FROM roster WHERE subject = $1", subject))
    roster["holders"][0]["age"] = new_identity()[1]
    content = canonical(roster)
    change = "UPDATE roster SET content = $2, sha256 = $3 WHERE subject = $1"
    await attacker.sql.execute(change, subject, content, sha256_hex(content))
    assert reader.verifies(DOUBLE).startswith(f"NOT VERIFIED  /api/v1/tenders/{subject}/roster was altered: entry ")
