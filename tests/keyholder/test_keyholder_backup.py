"""The keyholder's store is copied apart from everything else, for whoever holds another key."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyrage import x25519

from procurement.cli import main
from procurement.infra.keyholder import Keyholder
from procurement.kernel.recipient import key_file
from procurement.keyholder import backup
from procurement.keyholder.backup import BadCopy
from procurement.keyholder.protocol import Opening
from procurement.keyholder.store import Store

KEYS = x25519.Identity.generate()


def test_a_copy_of_a_running_keyholder_holds_its_identities(keyholder: Path, tmp_path: Path) -> None:
    opening = Opening(tender="2026-0418", lot_group="", kind="single", round=1)
    bound = asyncio.run(Keyholder(keyholder).identity(opening, datetime.now(UTC) + timedelta(days=1)))
    store = backup.place(str(tmp_path / "apart"))
    stamp, made = backup.back_up(keyholder.parent / "store", store, KEYS.to_public())
    assert made.tables["identity"] == 1
    sealed = (tmp_path / "apart" / "keyholder" / stamp / "store.age").read_bytes()
    assert b"SQLite" not in sealed and b"2026-0418" not in sealed
    again = backup.restore(store, stamp, KEYS, tmp_path / "again")
    assert again == made and bound.recipient
    assert (tmp_path / "again" / backup.STORE).stat().st_mode & 0o077 == 0


def test_it_is_never_kept_where_backups_of_the_web_side_are(tmp_path: Path) -> None:
    (tmp_path / "backups" / "20261122T000000Z").mkdir(parents=True)
    (tmp_path / "backups" / "20261122T000000Z" / "manifest.json").write_text("{}")
    with pytest.raises(BadCopy, match="somewhere else"):
        backup.place(str(tmp_path))


def test_a_wrong_key_a_damaged_copy_and_a_full_folder_are_refused(keyholder: Path, tmp_path: Path) -> None:
    store = backup.place(str(tmp_path / "apart"))
    stamp, _ = backup.back_up(keyholder.parent / "store", store, KEYS.to_public())
    with pytest.raises(BadCopy, match="cannot be decrypted"):
        backup.restore(store, stamp, x25519.Identity.generate(), tmp_path / "again")
    with pytest.raises(BadCopy, match="holds a store already"):
        backup.restore(store, stamp, KEYS, keyholder.parent / "store")
    file = tmp_path / "apart" / "keyholder" / stamp / "store.age"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(BadCopy, match="damaged"):
        backup.restore(store, "", KEYS, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_the_commands_have_an_environment_of_their_own(keyholder: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(key_file(KEYS))
    apart = str(tmp_path / "apart")
    run = CliRunner()
    env = {"KEYHOLDER_STORE": str(keyholder.parent / "store")}
    made = run.invoke(main, ["keyholder-backup", "--to", apart, "--recipient", str(KEYS.to_public())], env=env)
    assert made.exit_code == 0, made.output
    env = {"KEYHOLDER_STORE": str(tmp_path / "again")}
    back = run.invoke(main, ["keyholder-restore", "--from", apart, "--identity", str(tmp_path / "key")], env=env)
    assert back.exit_code == 0 and "restored into" in back.output
    assert "It releases nothing yet" in back.output, "the person there is told what to do"


def test_each_of_two_custodians_restores_it_alone_from_a_place_of_their_own(keyholder: Path, tmp_path: Path) -> None:
    asyncio.run(Keyholder(keyholder).identity(Opening("2026-0418"), datetime.now(UTC) + timedelta(days=1)))
    run, custodians = CliRunner(), {name: x25519.Identity.generate() for name in ("treasury", "court")}
    asked = [word for name in custodians for word in ("--to", str(tmp_path / name))]
    asked += [word for key in custodians.values() for word in ("--recipient", str(key.to_public()))]
    made = run.invoke(main, ["keyholder-backup", *asked], env={"KEYHOLDER_STORE": str(keyholder.parent / "store")})
    assert made.exit_code == 0 and made.output.count("1 identities") == 2
    for name, key in custodians.items():
        (tmp_path / f"{name}.key").write_text(key_file(key))
        env = {"KEYHOLDER_STORE": str(tmp_path / f"{name}-again")}
        words = ["--from", str(tmp_path / name), "--identity", str(tmp_path / f"{name}.key")]
        assert run.invoke(main, ["keyholder-restore", *words], env=env).exit_code == 0
        again = Store(tmp_path / f"{name}-again", sandbox=True)
        assert again.one("SELECT identity FROM identity WHERE tender = '2026-0418'")
        again.close()
