"""The table of settings is complete, and true."""

import re
from pathlib import Path

import msgspec
import pytest

from procurement.cli import _settings
from procurement.infra.services.up import PRACTICE
from procurement.settings import Settings

TABLE = Path(__file__).parents[1] / "docs" / "settings.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$")


def test_the_docs_have_one_row_for_each_setting() -> None:
    text = TABLE.read_text().split("The keyholder knows none of these.")[0]
    rows = [row.groups() for row in map(ROW.match, text.splitlines()) if row]
    assert [name for name, _, _ in rows] == [name.upper() for name in Settings.__struct_fields__], (
        "docs/settings.md must have exactly one row for each field of Settings, in the same order"
    )
    for field, (name, default, meaning) in zip(msgspec.structs.fields(Settings), rows, strict=True):
        said = default.split(":")[0].strip("`")
        assert said == (str(field.default) or "none") or name == "BASE_URL", f"the default of {name} is {field.default}"
        assert meaning.endswith("."), f"say in a sentence what {name} means"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.__struct_fields__:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("PORT", "9000")
    assert Settings.read().port == 9000
    assert Settings.read({"port": 9001}).port == 9001
    assert Settings.read(otherwise={"port": 9001, "locale": "pt"}) == Settings(port=9000, locale="pt")


def test_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eight")
    with pytest.raises(msgspec.ValidationError, match="PORT"):
        Settings.read()


def test_the_public_address_follows_where_we_listen() -> None:
    assert Settings(port=8123).base_url == "http://127.0.0.1:8123"
    assert Settings(host="::1").base_url == "http://[::1]:8000"
    assert Settings(base_url="https://tenders.example").base_url == "https://tenders.example"


def test_children_get_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = Settings(port=8123, database_url="postgresql+asyncpg://app@/procurement")
    for name, value in parent.environ().items():
        monkeypatch.setenv(name, value)
    assert Settings.read() == parent


def test_commands_beside_a_demo_have_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the doctor says that nobody pays by transfer, where everybody is offered to."""
    for name in ("TRANSFER_ACCOUNT", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert _settings(data=str(tmp_path)).transfer_account == ""
    (tmp_path / PRACTICE).touch()
    assert _settings(data=str(tmp_path)).transfer_account.startswith("DE")
    monkeypatch.setenv("TRANSFER_ACCOUNT", "FR7630006000011234567890189")
    assert _settings(data=str(tmp_path)).transfer_account.startswith("FR"), "the environment comes first"
