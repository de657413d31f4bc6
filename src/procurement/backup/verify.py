"""What a drill verifies of a restored service: the log, the receipts, the files, and that pages are served."""

import asyncio
import base64
import hashlib
from pathlib import Path

import httpx
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement.backup.manifest import Manifest
from procurement.backup.report import Report, megabytes
from procurement.backup.restore import listed, part
from procurement.backup.target import Target
from procurement.bids.service import kept as bids
from procurement.bids.service.whole import examine
from procurement.infra import db
from procurement.infra import keys as signing
from procurement.infra.doctor.finding import State
from procurement.infra.doctor.smoke import smoke
from procurement.infra.files import Files, Kind
from procurement.infra.ledger import proofs, service
from procurement.infra.ledger.anchor import Anchor
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.sequencer import LogFellBack, Sequencer
from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database
from procurement.kernel import merkle
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.checkpoint import BadNote, Checkpoint, VerifierKey, open_checkpoint
from procurement.kernel.refusal import Refused
from procurement.settings import Settings
from procurement.verifier import log as logs
from procurement.verifier import receipt as receipts
from procurement.verifier.command import fetching
from procurement.verifier.log import Broken, Log

AGE = b"age-encryption.org/v1\n"
PATIENCE = 60.0  # seconds for one answer
AT_ONCE = 8  # files read side by side
MOST_NAMED = 20  # of what is wrong, one by one


async def log(
    report: Report, live: Settings, restored: Settings, target: Target, stamp: str, manifest: Manifest
) -> None:
    """The restored log is recomputed as a stranger would, and held against checkpoints from outside of it."""
    kept = part(target, stamp, manifest, "checkpoint").decode()
    running, again = Database(live.database_url, Handlers()), Database(restored.database_url, Handlers())
    try:
        keys = await public_keys(live)
        read = await asyncio.to_thread(_read, restored, keys["checkpoints"], kept)
        size = read.checkpoint.size
        report.check(True, f"the log: {size:,} entries give the signed root, and extend the checkpoint kept outside")
        report.check(*await _live_extends(running, keys["checkpoints"], read))
        async with again.begin(NOBODY) as tx:
            records = await proofs.recompute(tx.session)
            report.check(records >= size, f"{records:,} records, hidden ones too, give their entries")
            count = await _receipts(report, tx.session, keys["receipts"], read)
            report.check(True, f"{count:,} receipts: signature and place in the log")
    except (Broken, BadNote, Refused) as wrong:
        report.check(False, str(wrong))
    finally:
        await running.dispose()
        await again.dispose()


async def public_keys(live: Settings) -> dict[str, VerifierKey]:
    """The verifier keys of a running service, by purpose, as its log publishes them."""
    running = Database(live.database_url, Handlers())
    try:
        async with running.begin(NOBODY) as tx:
            published = await service.published_keys(tx.session)
        own = _own(live, await running.origin())
    finally:
        await running.dispose()
    return own | {name: VerifierKey.parse(key) for name, key in published.items()}


def _own(live: Settings, origin: str) -> dict[str, VerifierKey]:
    """The public halves of the keys on this machine, for a log so young that it does not name them yet."""
    folder = Path(live.data) / "keys"
    named = {"checkpoints": ("ledger", origin), "receipts": ("receipts", origin + signing.RECEIPTS)}
    return {
        purpose: signing.signer(folder / file, name).verifier
        for purpose, (file, name) in named.items()
        if (folder / file).exists()
    }


def _read(restored: Settings, key: VerifierKey, kept: str) -> Log:
    with httpx.Client(base_url=restored.base_url, timeout=PATIENCE) as client:
        return logs.read(fetching(client), key, kept)


async def _live_extends(running: Database, key: VerifierKey, read: Log) -> tuple[bool, str]:
    """The log that goes on meanwhile begins with the restored one."""
    async with running.begin(NOBODY) as tx:
        newest = await service.latest_checkpoint(tx.session)
        if newest is None or not newest.note:
            return False, "the running service has no checkpoint"
        live = open_checkpoint(newest.note, key, key.name)
        proof = await proofs.prove_growth(tx.session, read.checkpoint.size, live.size)
    return (
        merkle.verify_consistency(
            read.checkpoint.size, live.size, read.checkpoint.root, live.root, [base64.b64decode(step) for step in proof]
        ),
        f"the running log, now {live.size:,} entries, extends the restored one",
    )


async def _receipts(report: Report, session: AsyncSession, key: VerifierKey, read: Log) -> int:
    """Every receipt against its signature, and its entry against the log; returns how many. Broken names a bad one."""
    count, pending = 0, await service.waiting(session)
    async for record_id, body in bids.every_receipt(session):
        count += 1
        receipts.verify(body, key, None if record_id in pending else read)
    if pending:
        report.figure(f"{len(pending)} records of the last moment before the backup wait for their place in the log")
    return count


async def refused(report: Report, restored: Settings) -> None:
    """Others know one entry more than the copy has, as after every restore that lost something: the sequencer of the
    copy must not sign on. The entry that waits for it is the copy's own, and goes with it."""
    again, ordering = Database(restored.database_url, Handlers()), db.engine(restored.sequencer_database_url, pool=2)
    key = signing.signer(Path(restored.data) / "keys" / "ledger", await again.origin())
    anchor = Anchor(Path(restored.data), key.verifier)
    try:
        async with again.begin(system("drill")) as tx:
            await tx.record(KeyPublished(purpose="drill", verifier=""))
            newest = await service.latest_checkpoint(tx.session)
        size = newest.size if newest else 0
        anchor.kept = Checkpoint(key.verifier.name, size + 1, bytes(32))
        await Sequencer(async_sessionmaker(ordering, expire_on_commit=False), key, anchor).run_once()
        report.check(False, "the sequencer of the copy signed on, although others know more than the copy")
    except LogFellBack as fell_back:
        report.check(True, f"the copy's sequencer refuses to sign on under the old name: {fell_back}")
    finally:
        await again.dispose()
        await ordering.dispose()


async def files(report: Report, restored: Settings, target: Target, stamp: str, manifest: Manifest) -> None:
    """Every file has the hash that names it, and every sealed one is still an age file."""
    store, turn = Files.connect(restored.files_url, Path(restored.data)), asyncio.Semaphore(AT_ONCE)
    named = listed(target, stamp, manifest)

    async def one(kind: Kind, sha256: str) -> tuple[int, bool, bool]:
        async with turn:
            return await _hashed(store, kind, sha256)

    found = await asyncio.gather(*(one(kind, sha256) for kind, sha256 in named))
    right, sealed = sum(ok for _, ok, _ in found), sum(kind == "sealed" for kind, _ in named)
    size = megabytes(sum(size for size, _, _ in found))
    report.check(right == len(named), f"{right:,} of {len(named):,} files, {size}, have their hash")
    ciphertexts = sum(is_age for (kind, _), (_, _, is_age) in zip(named, found, strict=True) if kind == "sealed")
    report.check(ciphertexts == sealed, f"{ciphertexts:,} of {sealed:,} sealed parts are sealed")


async def sealed_bids(report: Report, restored: Settings) -> None:
    """Every acknowledged bid is as it was acknowledged: envelope, receipt and each sealed part, without any key."""
    again = Database(restored.database_url, Handlers())
    try:
        found = await examine(again, Files.connect(restored.files_url, Path(restored.data)))
    except Refused as no:
        return report.check(False, no.detail)
    finally:
        await again.dispose()
    for flaw in found.flaws[:MOST_NAMED]:
        report.check(False, f"of tender {flaw.tender}, digest {flaw.digest}: {flaw.problem}")
    told = f"{found.bids:,} acknowledged bids with {found.parts:,} sealed parts"
    report.check(not found.flaws, f"{told} are as they were acknowledged; {len(found.flaws):,} flaws")


async def _hashed(store: Files, kind: Kind, sha256: str) -> tuple[int, bool, bool]:
    """Size, whether the hash is right, whether it is an age file."""
    hashed, size, is_age = hashlib.sha256(), 0, False
    async for chunk in await store.open(kind, sha256):
        is_age = is_age or (size == 0 and chunk.startswith(AGE))
        size += len(chunk)
        hashed.update(chunk)
    return size, hashed.hexdigest() == sha256, is_age


async def pages(report: Report, restored: Settings) -> None:
    """What `doctor --smoke` reads of any service."""
    for finding in await smoke(restored):
        report.check(finding.state is State.OK, f"{finding.about}: {finding.text}")
