"""An attacker on the inside: the database's superuser, with every trigger off, who may also hold the log's own key."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
from whole_service import Up

from procurement.infra.services.embedded import Postgres
from procurement.kernel import merkle, tiles
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.entry import entry_for, entry_hash, is_open

LEDGER = ("ledger_record", "ledger_leaf", "ledger_tile", "ledger_checkpoint")
FAR = 1_000_000  # beyond every place, while places move
TABLES = (*LEDGER, "tender", "item", "bid", "bid_receipt", "roster", "opened_bid", "opening", "award")


def superuser(up: Up) -> Postgres:
    return Postgres(up.data, (up.data / "run").resolve())


class Attacker:
    def __init__(self, up: Up, connection: asyncpg.Connection) -> None:
        self.up, self.sql = up, connection

    @classmethod
    async def enter(cls, up: Up) -> "Attacker":
        attacker = cls(up, await asyncpg.connect(superuser(up).url("postgres").replace("+asyncpg", "")))
        await attacker.sql.execute("SET session_replication_role = replica")  # no trigger and no foreign key speaks
        await attacker.sql.execute("CREATE SCHEMA IF NOT EXISTS kept")
        for table in TABLES:
            await attacker.sql.execute(f"CREATE TABLE IF NOT EXISTS kept.{table} AS TABLE public.{table}")
        return attacker

    @asynccontextmanager
    async def undone_at_the_end(self) -> AsyncIterator[None]:
        """Whatever is done inside is undone, so that the next attack meets the true record."""
        try:
            yield
        finally:
            async with self.sql.transaction():
                for table in TABLES:
                    await self.sql.execute(f"DELETE FROM public.{table}")
                    await self.sql.execute(
                        f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{table}"
                    )

    async def index_of(self, type_: str, ocid: str) -> int:
        """The place of the procurement's first record of that type."""
        return (await self.places(type_, ocid))[0]

    async def places(self, type_: str, ocid: str) -> list[int]:
        """The places of all its records of that type, in order."""
        rows = await self.sql.fetch(
            "SELECT leaf_index FROM ledger_leaf JOIN ledger_record ON id = record_id "
            "WHERE type = $1 AND process = $2 ORDER BY leaf_index", type_, ocid,
        )  # fmt: skip
        return [row["leaf_index"] for row in rows]

    async def rewrite(self, index: int, **changed: Any) -> None:
        """Change fields of the fact at a place; `at_` back-dates the record itself."""
        row = await self.sql.fetchrow(
            "SELECT id, body FROM ledger_record JOIN ledger_leaf ON id = record_id WHERE leaf_index = $1", index
        )
        record = msgspec.json.decode(row["body"])
        record["at"] = changed.pop("at_", record["at"])
        record["fact"] |= changed
        await self.sql.execute("UPDATE ledger_record SET body = $2 WHERE id = $1", row["id"], canonical(record))

    async def remake_leaf(self, index: int) -> None:
        """Let the leaf at a place fit its record again."""
        row = await self.sql.fetchrow(
            "SELECT salt, body, entry FROM ledger_record JOIN ledger_leaf ON id = record_id WHERE leaf_index = $1",
            index,
        )
        entry = entry_for(row["salt"], row["body"], at_once=is_open(row["entry"]))
        await self.sql.execute("UPDATE ledger_leaf SET entry = $2 WHERE leaf_index = $1", index, entry)

    async def delete(self, index: int) -> None:
        """Record and leaf."""
        id_ = await self.sql.fetchval("DELETE FROM ledger_leaf WHERE leaf_index = $1 RETURNING record_id", index)
        await self.sql.execute("DELETE FROM ledger_record WHERE id = $1", id_)

    async def insert(self, index: int) -> None:
        """A second copy of the record at a place, right behind it, hidden from every list of a procurement."""
        await self.sql.execute("UPDATE ledger_leaf SET leaf_index = leaf_index + $2 WHERE leaf_index > $1", index, FAR)
        await self.sql.execute("UPDATE ledger_leaf SET leaf_index = leaf_index - $1 + 1 WHERE leaf_index > $1", FAR)
        id_ = await self.sql.fetchval(
            "INSERT INTO ledger_record (at, type, process, organisation, actor, visible, body, salt) "
            "SELECT at, type, '', organisation, actor, 'never', body, sha256(salt) FROM ledger_record "
            "JOIN ledger_leaf ON id = record_id WHERE leaf_index = $1 RETURNING id", index,
        )  # fmt: skip
        await self.sql.execute("INSERT INTO ledger_leaf VALUES ($1, $2, $3)", index + 1, id_, bytes(32))

    async def fact_of(self, index: int) -> dict[str, Any]:
        body = await self.sql.fetchval(
            "SELECT body FROM ledger_record JOIN ledger_leaf ON id = record_id WHERE leaf_index = $1", index
        )
        fact: dict[str, Any] = msgspec.json.decode(body)["fact"]
        return fact

    async def disclose_again(self, ocid: str) -> None:
        """Let the procurement's first disclosure fit the records that it discloses again."""
        index = await self.index_of("RecordsDisclosed", ocid)
        items = (await self.fact_of(index))["records"]
        bodies = {
            row["salt"].hex(): row["body"] for row in await self.sql.fetch("SELECT salt, body FROM ledger_record")
        }
        for item in items:
            body = bodies[item["salt"]]
            item |= {"record": body.decode(), "entry": entry_hash(bytes.fromhex(item["salt"]), body).hex()}
        await self.rewrite(index, records=items)

    async def keep_back(self, index: int) -> None:
        """The record at a place is served to nobody any more."""
        of_place = "(SELECT record_id FROM ledger_leaf WHERE leaf_index = $1)"
        await self.sql.execute(f"UPDATE ledger_record SET visible = 'never' WHERE id = {of_place}", index)

    async def sign_everything_again(self, key: SignerKey | None = None, unmarked: Collection[int] = ()) -> None:
        """Leaves, tiles and checkpoints anew from the records as they are now, signed with the log's key or `key`.
        Entries of what is public at once are open ones, but at the places `unmarked`."""
        rows = await self.sql.fetch(
            "SELECT record_id, salt, body, visible FROM ledger_leaf JOIN ledger_record ON id = record_id "
            "ORDER BY leaf_index"
        )
        at_once = [row["visible"] == "at-once" and index not in unmarked for index, row in enumerate(rows)]
        entries = [entry_for(row["salt"], row["body"], at_once=open_) for row, open_ in zip(rows, at_once, strict=True)]
        leaves = [merkle.leaf_hash(entry) for entry in entries]
        sizes = {row["size"] for row in await self.sql.fetch("SELECT size FROM ledger_checkpoint")}
        key = key or await self.log_key()
        async with self.sql.transaction():
            for table in LEDGER[1:]:
                await self.sql.execute(f"DELETE FROM {table}")
            await self.sql.executemany(
                "INSERT INTO ledger_leaf VALUES ($1, $2, $3)",
                [(index, row["record_id"], entries[index]) for index, row in enumerate(rows)],
            )
            await self.sql.executemany(
                "INSERT INTO ledger_tile VALUES ($1, $2, $3)",
                [(*tile, hashes) for tile, hashes in tiles.grow({}, 0, leaves).items()],
            )
            await self.sql.executemany(
                "INSERT INTO ledger_checkpoint VALUES ($1, $2, clock_timestamp(), $3)",
                [self._signed(key, leaves[:size]) for size in sorted({*sizes, len(leaves)}) if size <= len(leaves)],
            )

    async def log_key(self) -> SignerKey:
        origin = await self.sql.fetchval("SELECT origin FROM installation")
        return SignerKey(origin, (self.up.data / "keys" / "ledger").read_bytes())

    @staticmethod
    def _signed(key: SignerKey, leaves: list[bytes]) -> tuple[int, bytes, str]:
        root = merkle.root(leaves)
        return len(leaves), root, key.sign(Checkpoint(key.verifier.name, len(leaves), root).text())
