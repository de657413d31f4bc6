"""The drill on the whole republic: everything is restored elsewhere and verified, and nothing of it stays."""

from pathlib import Path

import pytest

from procurement.backup.drill import rehearse
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


async def test_the_republic_is_rehearsed(republic: Settings, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    beside = Path(republic.data) / "keyholder"
    beside.symlink_to(Path(republic.keyholder_socket).parent / "store")
    try:
        report = await rehearse(republic, place, print)
    finally:
        beside.unlink()
    assert report.green, "\n".join(report.lines)
    said = "\n".join(report.lines)
    for verified in (
        "receipts: signature and place",
        "entries give the signed root",
        "refuses to sign on under the old name",
        "have their hash",
        "/tenders: 200",
        "identities, restored apart",
        "no key was used",
        "opens nothing before its staff confirms the times",
    ):
        assert verified in said
    assert not any(place.iterdir()), "everything was removed"
    written = report.write(tmp_path / "reports", "Rosa Field").read_text()
    assert "GREEN" in written and "Signed off by: Rosa Field" in written
