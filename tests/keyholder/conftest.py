"""A keyholder pinned to a small ledger, with two officers enrolled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from keyholding import ORIGIN, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "store")
    office.keyholder.installed.pin(str(office.ledger.key.verifier), ORIGIN)
    office.enrol("marsh", "okafor")
    yield office
    office.store.close()
