"""A receipt is a promise at once, and a proof as soon as its entry stands in a signed checkpoint."""

import base64
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from bidding import SIGNER, Market, deliver
from click.testing import CliRunner, Result
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement.bids import service
from procurement.bids.service import Receipt
from procurement.cli import main
from procurement.infra import keys
from procurement.infra.files import Files
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.ledger.tables import LedgerCosignature
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.checkpoint import SignerKey, split_note
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.logproof import LogProof
from procurement.kernel.receiptproof import proven_receipt
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

WITNESS = CosignerKey("witness.example/w1", bytes([7]) * 32)
SECONDS = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
async def log_key(settings: Settings, database: Database) -> SignerKey:
    return keys.signer(Path(settings.data) / "keys" / "ledger", await database.origin())


@pytest.fixture
def sequencer(ordering: async_sessionmaker[AsyncSession], log_key: SignerKey) -> Sequencer:
    return Sequencer(ordering, log_key)


@pytest.fixture
async def receipt(database: Database, files: Files, market: Market) -> Receipt:
    return await deliver(database, files, market, market.harbour_signs)


async def proof_of(database: Database, market: Market, receipt: Receipt) -> bytes:
    async with database.begin(market.harbour_signs) as tx:
        return await service.proof_file(tx, receipt.bid.id)


def verifies(file: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["verify", "receipt", str(file), *words])


async def test_before_the_checkpoint_there_is_only_the_promise(
    database: Database, market: Market, receipt: Receipt
) -> None:
    with pytest.raises(Refused) as no:
        await proof_of(database, market, receipt)
    assert no.value.code == "not-yet-proven"


async def test_the_proof_is_checked_by_the_command_with_the_logs_key_alone(
    database: Database, market: Market, receipt: Receipt, sequencer: Sequencer, tmp_path: Path
) -> None:
    await sequencer.run_once()
    file = tmp_path / "receipt.tlog-proof"
    file.write_bytes(await proof_of(database, market, receipt))
    said = verifies(file, "--key", str(sequencer.key.verifier))
    assert said.exit_code == 0 and "VERIFIED" in said.output, said.output
    assert f"of the log that {sequencer.key.verifier.name} signed" in said.output
    other = SignerKey(sequencer.key.verifier.name, bytes(31) + b"\x01")
    assert "did not sign" in verifies(file, "--key", str(other.verifier)).output


async def test_it_is_checked_by_the_rules_of_the_standard_and_nothing_of_ours(
    database: Database, market: Market, receipt: Receipt, sequencer: Sequencer
) -> None:
    """RFC 6962 with hashlib: whoever can read a tlog-proof needs only to know how an entry is made."""
    await sequencer.run_once()
    head, _, note = (await proof_of(database, market, receipt)).decode().partition("\n\n")
    _, extra, index, *path = head.split("\n")
    held = msgspec.json.decode(base64.b64decode(extra.removeprefix("extra ")))
    entry = sha256(b"entry/v1" + bytes.fromhex(held["salt"]) + held["record"].encode()).digest()
    found, at, width = sha256(b"\0" + entry).digest(), int(index.removeprefix("index ")), int(note.split("\n")[1])
    for step in map(base64.b64decode, path):
        while width - 1 == at and not at % 2:  # the right edge of a tree that is not full
            at, width = at // 2, (width + 1) // 2
        found = sha256(b"\1" + (step + found if at % 2 else found + step)).digest()
        at, width = at // 2, (width + 1) // 2
    assert base64.b64encode(found).decode() == note.split("\n")[2]


async def test_the_page_where_anybody_checks_a_receipt_takes_the_proof_too(
    database: Database, market: Market, receipt: Receipt, sequencer: Sequencer, log_key: SignerKey
) -> None:
    async with database.begin(system("ledger")) as tx:
        await tx.record(KeyPublished(purpose="checkpoints", verifier=str(log_key.verifier)))
    await sequencer.run_once()
    proof = await proof_of(database, market, receipt)
    async with database.begin(NOBODY) as tx:
        checked = await service.check(tx, SIGNER, proof)
        assert checked.receipt == receipt.signed.receipt and checked.proof
        with pytest.raises(Refused) as no:
            await service.check(tx, SIGNER, proof.replace(b"index ", b"index 1"))
    assert no.value.code == "proof-wrong"


async def test_only_the_bidder_gets_it_and_its_promise_stays_valid(
    database: Database, market: Market, receipt: Receipt, sequencer: Sequencer
) -> None:
    await sequencer.run_once()
    for somebody in (market.officer, market.adler_signs):
        async with database.begin(somebody) as tx:
            with pytest.raises(Refused) as no:
                await service.proof_file(tx, receipt.bid.id)
        assert no.value.code == "receipt-unknown"
    proven, _ = proven_receipt(LogProof.parse((await proof_of(database, market, receipt)).decode()))
    assert proven.receipt == receipt.signed


async def test_a_cosigned_checkpoint_makes_the_proof_and_a_missing_witness_is_named(
    database: Database, market: Market, receipt: Receipt, sequencer: Sequencer, tmp_path: Path
) -> None:
    await sequencer.run_once()
    proof = LogProof.parse((await proof_of(database, market, receipt)).decode())
    text, _ = split_note(proof.checkpoint)
    row = {"witness": str(WITNESS.verifier), "size": int(text.split("\n")[1]), "at": SECONDS,
           "line": WITNESS.cosign(text, SECONDS)}  # fmt: skip
    async with sequencer.sessions.begin() as session:
        await session.execute(insert(LedgerCosignature).values(row))
    async with database.begin(system("test")) as tx:  # a newer checkpoint, which nobody has cosigned
        await tx.record(KeyPublished(purpose="later", verifier="later"))
    await sequencer.run_once()
    file = tmp_path / "receipt.tlog-proof"
    file.write_bytes(await proof_of(database, market, receipt))
    key, other = str(sequencer.key.verifier), str(CosignerKey("other.example/w", bytes(32)).verifier)
    assert "witness.example/w1 cosigned" in verifies(file, "--key", key, "--witness", str(WITNESS.verifier)).output
    assert "other.example/w did not cosign" in verifies(file, "--key", key, "--witness", other).output


async def test_a_proof_that_was_changed_anywhere_is_refused(
    database: Database, market: Market, receipt: Receipt, sequencer: Sequencer, tmp_path: Path
) -> None:
    await sequencer.run_once()
    proof = LogProof.parse((await proof_of(database, market, receipt)).decode())
    held = msgspec.json.decode(proof.extra)
    signed = held["receipt"]
    changes = [
        {"record": held["record"].replace('"version":1', '"version":2')},
        {"salt": "00" * 32},
        {"receipt": {**signed, "receipt": {**signed["receipt"], "version": 2}}},
        {"type": "something else"},
    ]
    forged = [msgspec.structs.replace(proof, extra=msgspec.json.encode({**held, **change})) for change in changes]
    file = tmp_path / "receipt.tlog-proof"
    for one in (*forged, msgspec.structs.replace(proof, index=proof.index - 1)):
        file.write_text(one.text())
        said = verifies(file, "--key", str(sequencer.key.verifier))
        assert said.exit_code == 1 and "NOT VERIFIED" in said.output
