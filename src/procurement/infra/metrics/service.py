"""What the worker reads of the whole service for Prometheus, every few seconds."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from prometheus_client import Gauge
from sqlalchemy import text

from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.witnesses import Witness, standings
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused

WAITING = Gauge("procurement_outbox_waiting", "Jobs that are due and not done.", ("topic",))
OLDEST = Gauge("procurement_outbox_oldest_seconds", "For how long the oldest of them has been due.", ("topic",))
FAILED = Gauge("procurement_outbox_failed", "Jobs that failed at least once and are not done.", ("topic",))
ENTRIES = Gauge("procurement_ledger_entries", "Entries of the public record under the newest checkpoint.")
UNPLACED = Gauge("procurement_ledger_unsequenced", "Records that wait for their place in it.")
LAG = Gauge("procurement_ledger_lag_seconds", "For how long the oldest of them has waited.")
CHECKPOINT = Gauge("procurement_checkpoint_age_seconds", "Since the newest signed checkpoint.")
UNWITNESSED = Gauge("procurement_witness_behind_entries", "Entries that the witness has not cosigned.", ("witness",))
WITNESSED = Gauge("procurement_witness_age_seconds", "Since its newest cosignature; none before.", ("witness",))
KEYHOLDER = Gauge("procurement_keyholder_reachable", "1 while the keyholder answers the worker.")
READ_ONLY = Gauge("procurement_read_only", "1 while no changes are taken.")
DISK = Gauge("procurement_disk_bytes", "Of the disk under DATA.", ("state",))
SIZE = Gauge("procurement_database_bytes", "Size of the database.")
BEAT = Gauge("procurement_worker_heartbeat_timestamp_seconds", "When the worker last finished a sweep of the outbox.")
READ = Gauge("procurement_measured_timestamp_seconds", "When the figures of the worker were last read.")
WORKS = Gauge("procurement_component_works", "1 if the part worked when the worker last tried it.", ("component",))

OUTBOX = text("""
    SELECT topic, count(*) FILTER (WHERE due_at <= clock_timestamp()) AS waiting,
    greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::float AS oldest,
    count(*) FILTER (WHERE attempts > 0) AS failed FROM outbox WHERE done_at IS NULL GROUP BY topic
""")
LEDGER = text("""
    SELECT (SELECT count(*) FROM ledger_pending) AS unplaced,
    coalesce(extract(epoch FROM legal_now() - (SELECT at FROM ledger_record
        WHERE id = (SELECT min(record_id) FROM ledger_pending))), 0)::float AS lag,
    coalesce(signed.size, 0) AS entries, coalesce(extract(epoch FROM clock_timestamp() - signed.at), 0)::float AS age,
    pg_database_size(current_database()) AS bytes
    FROM (SELECT) AS one LEFT JOIN LATERAL
    (SELECT size, at FROM ledger_checkpoint WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1) AS signed ON true
""")


async def read(database: Database, keyholder: Keyholder, data: Path) -> None:
    """Set every gauge anew. Raises what the database raises: READ then tells how old the figures are."""
    KEYHOLDER.set(await _reachable(keyholder))
    async with database.begin(system("metrics")) as tx:
        ledger = (await tx.session.execute(LEDGER)).one()
        jobs = {row.topic: row for row in await tx.session.execute(OUTBOX)}
        READ_ONLY.set(tx.read_only)
    for topic in database.handlers.by_topic:
        row = jobs.get(topic)
        WAITING.labels(topic).set(row.waiting if row else 0)
        OLDEST.labels(topic).set(row.oldest if row else 0)
        FAILED.labels(topic).set(row.failed if row else 0)
    ENTRIES.set(ledger.entries)
    UNPLACED.set(ledger.unplaced)
    LAG.set(ledger.lag)
    CHECKPOINT.set(ledger.age)
    SIZE.set(ledger.bytes)
    disk = await asyncio.to_thread(shutil.disk_usage, data)
    DISK.labels("free").set(disk.free)
    DISK.labels("all").set(disk.total)
    READ.set_to_current_time()


async def _reachable(keyholder: Keyholder) -> bool:
    try:
        return await keyholder.answers()
    except Refused:
        return False


async def read_witnesses(database: Database, witnesses: Sequence[Witness]) -> None:
    """How far each witness of the log has followed."""
    async with database.begin(system("metrics")) as tx:
        newest = await ledger.latest_checkpoint(tx.session)
        stood = await standings(tx.session, [str(witness.key) for witness in witnesses])
        now, found = tx.real_now, {one.name: one for one in stood}
    for witness in witnesses:
        one = found.get(witness.key.name)
        UNWITNESSED.labels(witness.key.name).set((newest.size if newest else 0) - (one.size if one else 0))
        if one:
            WITNESSED.labels(witness.key.name).set((now - one.at).total_seconds())
