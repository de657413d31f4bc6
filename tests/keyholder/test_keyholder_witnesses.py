"""Where the keyholder's operator pinned witnesses, a closing counts only once they have cosigned it."""

import os
from pathlib import Path

import pytest
from keyholding import OPENS_AT, Ledger, Office, closing_record

from procurement.kernel.checkpoint import BadNote
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import digest
from procurement.keyholder import main, rules
from procurement.keyholder import protocol as say
from procurement.keyholder.store import Store

PRESS, COURT, CLUB = [CosignerKey(f"{name}.example/witness", name.encode() * 8) for name in ("pres", "cour", "club")]
FORGED = CosignerKey(COURT.verifier.name, b"x" * 32)


@pytest.fixture
def closed(office: Office) -> list[str]:
    """The digests of a closed tender whose opening two people want."""
    digests = [digest(office.sealed()[1])]
    office.clock.at = OPENS_AT
    leaf = rules.leaf_of(office.ledger.evidence(closing_record(digests)))
    for person in ("marsh", "okafor"):
        office.wants(person, leaf)
    return digests


def keys(*witnesses: CosignerKey) -> list[str]:
    return [str(witness.verifier) for witness in witnesses]


def evidence(ledger: Ledger, digests: list[str], *witnesses: CosignerKey) -> say.Evidence:
    return ledger.evidence(closing_record(digests), witnesses=witnesses)


@pytest.mark.parametrize("signed", [(), (PRESS,), (PRESS, CLUB), (PRESS, FORGED), (PRESS, PRESS)])
def test_too_few_cosignatures_of_pinned_witnesses_open_nothing(
    office: Office, closed: list[str], signed: tuple[CosignerKey, ...]
) -> None:
    office.keyholder.installed.pin_witnesses(keys(PRESS, COURT), 2)
    with pytest.raises(Refused) as no:
        office.release(evidence(office.ledger, closed, *signed), closed)
    assert no.value.code == "closing-unwitnessed"


@pytest.mark.parametrize("signed", [(PRESS, COURT), (CLUB, COURT), (PRESS, COURT, CLUB)])
def test_as_many_as_are_asked_for_open(office: Office, closed: list[str], signed: tuple[CosignerKey, ...]) -> None:
    office.keyholder.installed.pin_witnesses(keys(PRESS, COURT, CLUB), 2)
    assert office.release(evidence(office.ledger, closed, *signed), closed)


def test_cosignatures_do_not_replace_the_ledgers_own_signature(office: Office, closed: list[str]) -> None:
    office.keyholder.installed.pin_witnesses(keys(PRESS), 1)
    with pytest.raises(Refused) as no:
        office.release(evidence(Ledger(b"x" * 32), closed, PRESS), closed)
    assert no.value.code == "closing-unproven"


def test_a_cosignature_of_another_tree_counts_as_none(office: Office, closed: list[str]) -> None:
    office.keyholder.installed.pin_witnesses(keys(PRESS), 1)
    other = office.ledger.evidence(closing_record([]), witnesses=(PRESS,)).checkpoint.splitlines(keepends=True)[-1]
    good = evidence(office.ledger, closed)
    with pytest.raises(Refused) as no:
        office.release(say.Evidence(**(_fields(good) | {"checkpoint": good.checkpoint + other})), closed)
    assert no.value.code == "closing-unwitnessed"


def _fields(one: say.Evidence) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


@pytest.mark.parametrize(
    "named, needed", [([], 1), (keys(PRESS), 2), (keys(PRESS, PRESS), 2), (keys(PRESS), 0), (["no key"], 1)]
)
def test_impossible_witnesses_are_not_pinned(office: Office, named: list[str], needed: int) -> None:
    with pytest.raises(BadNote):
        office.keyholder.installed.pin_witnesses(named, needed)


def test_they_are_pinned_at_the_keyholders_own_terminal_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {"KEYHOLDER_STORE": str(tmp_path / "own")})

    def pinned() -> list[tuple[str, int]]:
        store = Store(tmp_path / "own", sandbox=False)
        try:
            return [(row["key"], row["needed"]) for row in store.all("SELECT * FROM witness ORDER BY key")]
        finally:
            store.close()

    main(["--witness", keys(PRESS)[0], "--witness", keys(COURT)[0]])
    assert pinned() == sorted((key, 2) for key in keys(PRESS, COURT))
    main(["--witness", keys(CLUB)[0], "--needed", "1"])
    assert pinned() == [(keys(CLUB)[0], 1)]
    with pytest.raises(SystemExit, match="so many cosignatures"):
        main(["--witness", keys(CLUB)[0], "--needed", "2"])
    main(["--no-witnesses"])
    assert pinned() == []
    assert not any("witness" in request.__name__.lower() for request in say.Requests.__args__)
