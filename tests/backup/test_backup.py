"""A backup holds everything or says what is missing; it is restored only into an empty place, by who may."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pyrage  # type: ignore[import-untyped]  # it ships no stubs
import pytest
from click.testing import CliRunner
from dropping import drop
from msgspec.structs import replace
from pyrage import x25519

from procurement.backup import database
from procurement.backup.manifest import expected, sign, signer
from procurement.backup.restore import restore
from procurement.backup.take import take
from procurement.backup.target import MANIFEST, BadBackup, Target
from procurement.cli import main
from procurement.infra.files import Files
from procurement.infra.ledger.anchor import FILE
from procurement.infra.services.embedded import Postgres
from procurement.kernel.checkpoint import SignerKey
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
KEYS = x25519.Identity.generate()


@pytest.fixture
async def empty(
    admin: asyncpg.Connection, postgres: Postgres, worker_id: str, tmp_path: Path
) -> AsyncIterator[Settings]:
    """Settings of an empty database and a new data folder."""
    name = f"restored_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name}")
    yield Settings(
        database_url=postgres.url("app", name),
        owner_database_url=postgres.url("owner", name),
        data=str(tmp_path / "restored"),
    )
    await drop(admin, name)


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_what_is_restored_is_what_was_backed_up(republic: Settings, empty: Settings, tmp_path: Path) -> None:
    target = Target(str(tmp_path / "backups"))
    stamp, manifest, verifier = await take(republic, target, KEYS.to_public())
    assert manifest.tables["tender"] > 0 and manifest.files > 0 and not manifest.missing
    await restore(empty, target, stamp, KEYS, verifier)
    assert await database.counted(empty.owner_database_url) == manifest.tables
    files = Files.connect("", Path(empty.data))
    for line in target.read(f"backups/{stamp}/files").decode().splitlines():
        assert await files.has(*line.split(" "))  # type: ignore[arg-type]  # kind and hash
    assert (Path(empty.data) / "keys" / "ledger").read_bytes() == (Path(republic.data) / "keys" / "ledger").read_bytes()
    assert (Path(empty.data) / FILE).read_bytes() == target.read(f"backups/{stamp}/checkpoint")
    with pytest.raises(BadBackup, match="not empty"):
        await restore(empty, target, stamp, KEYS, verifier)
    with pytest.raises(BadBackup, match=r"holds \d+ tables"):
        await restore(replace(empty, data=str(tmp_path / "another")), target, stamp, KEYS, verifier)


async def test_the_restored_roles_may_do_no_more_than_before(
    republic: Settings, empty: Settings, tmp_path: Path
) -> None:
    target = Target(str(tmp_path / "backups"))
    stamp, _, verifier = await take(republic, target, KEYS.to_public())
    await restore(empty, target, stamp, KEYS, verifier)
    app = await asyncpg.connect(empty.database_url.replace("+asyncpg", ""))
    try:
        for forbidden in ("CREATE TEMP TABLE tender (id text)", "DELETE FROM ledger_record", "DELETE FROM bid"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(forbidden)
        owner = await asyncpg.connect(empty.owner_database_url.replace("+asyncpg", ""))
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute("DELETE FROM ledger_record")
        await owner.close()
    finally:
        await app.close()


async def test_a_second_backup_copies_only_new_files(republic: Settings, tmp_path: Path) -> None:
    target = Target(str(tmp_path / "backups"))
    await take(republic, target, KEYS.to_public())
    copied = {path: path.stat().st_mtime_ns for path in stored(tmp_path / "backups" / "files")}
    await asyncio.sleep(1)  # a stamp has seconds
    await take(republic, target, KEYS.to_public())
    again = {path: path.stat().st_mtime_ns for path in stored(tmp_path / "backups" / "files")}
    assert copied == again and len(target.backups()) == 2


async def test_a_file_that_is_gone_or_damaged_is_named(republic: Settings, tmp_path: Path) -> None:
    copy = replace(republic, data=str(tmp_path / "copy"))
    shutil.copytree(republic.data, copy.data)
    gone, damaged, *_ = stored(Path(copy.data) / "files" / "sealed")
    gone.unlink()
    _, manifest, _ = await take(copy, Target(str(tmp_path / "first")), KEYS.to_public())
    assert manifest.missing == [f"sealed {gone.name}"]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
    with pytest.raises(BadBackup, match=f"{damaged.name} is damaged"):
        await take(copy, Target(str(tmp_path / "second")), KEYS.to_public())
    assert not Target(str(tmp_path / "second")).backups(), "without its manifest it is no backup"


async def test_an_altered_backup_and_a_wrong_key_are_refused(
    republic: Settings, empty: Settings, tmp_path: Path
) -> None:
    target = Target(str(tmp_path / "backups"))
    stamp, _, verifier = await take(republic, target, KEYS.to_public())
    with pytest.raises(BadBackup, match="cannot be decrypted with this identity"):
        await restore(empty, target, stamp, x25519.Identity.generate(), verifier)
    for name in ("files", "database.age", "keys.age", "checkpoint"):
        part = tmp_path / "backups" / "backups" / stamp / name
        whole = part.read_bytes()
        part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(BadBackup, match=f"{name} .* is not the one that was backed up"):
            await restore(empty, target, stamp, KEYS, verifier)
        part.write_bytes(whole)
    assert not await database.counted(empty.owner_database_url), "nothing was executed"
    assert not stored(Path(empty.data)), "and nothing was written"
    await restore(empty, target, stamp, KEYS, verifier)


async def test_a_forged_backup_is_refused_before_anything_is_executed(
    republic: Settings, empty: Settings, tmp_path: Path
) -> None:
    """Whoever can write to the target can encrypt to the same recipient; they cannot sign."""
    target = Target(str(tmp_path / "backups"))
    stamp, manifest, verifier = await take(republic, target, KEYS.to_public())
    genuine = target.read(f"backups/{stamp}/{MANIFEST}")
    dump = target.write(f"backups/{stamp}/database.age", pyrage.encrypt(b"DROP TABLE bid;", [KEYS.to_public()]))
    forged = replace(manifest, parts={**manifest.parts, "database.age": dump})
    stranger = SignerKey(verifier.name, b"s" * 32)
    altered = sign(forged, stranger).rpartition(b"\n\n")[0] + b"\n\n" + genuine.rpartition(b"\n\n")[2]
    for note in (msgspec.json.encode(forged), sign(forged, stranger), altered, b"\xff"):
        target.write(f"backups/{stamp}/{MANIFEST}", note)
        with pytest.raises(BadBackup, match="is not signed by"):
            await restore(empty, target, stamp, KEYS, verifier)
    later = "20991231T235959Z"
    target.write(f"backups/{later}/{MANIFEST}", genuine)
    with pytest.raises(BadBackup, match=f"belongs to {stamp}"):
        await restore(empty, target, target.newest(), KEYS, verifier)
    assert not await database.counted(empty.owner_database_url) and not stored(Path(empty.data))


async def test_what_is_signed_is_still_looked_at(republic: Settings, empty: Settings, tmp_path: Path) -> None:
    """Names in a backup become paths: only those that this program has are used."""
    target = Target(str(tmp_path / "backups"))
    stamp, manifest, verifier = await take(republic, target, KEYS.to_public())
    key = signer(Path(republic.data), manifest.origin)
    here = f"backups/{stamp}"

    async def refused(part: str, content: bytes, said: str) -> None:
        parts = {**manifest.parts, part: target.write(f"{here}/{part}", content)}
        target.write(f"{here}/{MANIFEST}", sign(replace(manifest, parts=parts), key))
        with pytest.raises(BadBackup, match=said):
            await restore(empty, target, stamp, KEYS, verifier)

    listed = target.read(f"{here}/files")
    for line in (f"../keys {'0' * 64}", "sealed ../../escaped", "sealed"):
        await refused("files", line.encode(), "a kind that this program does not have")
    target.write(f"{here}/files", listed)
    escaping = pyrage.encrypt(msgspec.json.encode({"../../escaped": "00"}), [KEYS.to_public()])
    await refused("keys.age", escaping, "a key that this service does not have")
    assert "escaped" not in {path.name for path in stored(tmp_path)}


async def test_a_stored_file_that_was_exchanged_stops_the_restore(
    republic: Settings, empty: Settings, tmp_path: Path
) -> None:
    target = Target(str(tmp_path / "backups"))
    stamp, _, verifier = await take(republic, target, KEYS.to_public())
    exchanged = stored(tmp_path / "backups" / "files" / "sealed")[0]
    exchanged.write_bytes(b"another bid")
    with pytest.raises(BadBackup, match=f"{exchanged.name} .* is not the file that was backed up"):
        await restore(empty, target, stamp, KEYS, verifier)
    assert exchanged.name not in {path.name for path in stored(Path(empty.data))}


async def test_a_backup_is_not_made_where_nothing_can_sign_it(republic: Settings, tmp_path: Path) -> None:
    target = Target(str(tmp_path / "backups"))
    with pytest.raises(BadBackup, match="signs every backup"):
        await take(replace(republic, data=str(tmp_path / "elsewhere")), target, KEYS.to_public())
    assert not target.backups() and not (tmp_path / "elsewhere" / "keys").exists()


def test_whose_backup_it_must_be_is_given_or_kept_beside_the_identity(tmp_path: Path) -> None:
    verifier, identity = SignerKey("log.example", b"k" * 32).verifier, tmp_path / "web.key"
    with pytest.raises(BadBackup, match=r"--verifier .*web\.key\.verifier"):
        expected("", identity)
    assert expected(str(verifier), identity) == verifier
    (tmp_path / "web.key.verifier").write_text(f"{verifier}\n")
    assert expected("", identity) == verifier
    with pytest.raises(BadBackup, match="cannot be read"):
        expected("log.example", identity)


def test_no_restore_begins_without_knowing_whose_backup_it_must_be(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["backup-key", str(tmp_path / "key")])
    asked = ["restore", "--from", str(tmp_path / "from"), "--identity", str(tmp_path / "key")]
    no = CliRunner().invoke(main, [*asked, "--data", str(tmp_path / "data")])
    assert no.exit_code == 1 and "--verifier" in no.output and not (tmp_path / "data").exists()


def test_the_dump_and_the_signing_keys_are_in_no_backup_in_the_clear(tmp_path: Path) -> None:
    made = CliRunner().invoke(main, ["backup-key", str(tmp_path / "key")])
    assert made.output.startswith("age1") and (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert CliRunner().invoke(main, ["backup-key", str(tmp_path / "key")]).exit_code == 1, "never written over"
    wrong = CliRunner().invoke(main, ["backup", "--to", str(tmp_path / "to"), "--recipient", "somebody"])
    assert wrong.exit_code == 1
