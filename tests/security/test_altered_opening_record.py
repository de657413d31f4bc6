"""The opening record says who acted, and is signed: whoever alters it, or signs it with another key, is found."""

from typing import Any

import msgspec
import pytest
from forged_record import HONEST, LATER, NEW, OPENED, Said, but, fact, record
from monitored import KEY

from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.sealing.signing import sign
from procurement.verifier import record as records
from procurement.verifier.log import Broken
from procurement.verifier.records import Findings, sorted_out

OFFICE = SignerKey(KEY.verifier.name + "/receipts", b"r" * 32)
PATH = "/api/v1/tenders/1/opening/record"


def acted(type_: str, **fields: Any) -> Said:
    return fact(type_, OPENED, tender="1", closing="", **fields)


ACTS = [
    acted("OpeningRequested", requested_by="ines"),
    acted("OpeningConfirmed", confirmed_by="tomas"),
    acted("SharesGiven", holder="holder0", able=True),
]
KEYS = Said("KeyPublished", HONEST[0].at, {"purpose": "receipts", "verifier": str(OFFICE.verifier)}, "")


def found(*facts: Said) -> Findings:
    log, served = record(*facts)
    return sorted_out(log, HONEST[0].process, served)


WHOLE = found(KEYS, *HONEST[:4], *ACTS, HONEST[4])
SAID = {
    "type": "opening-record/v1", "requested_by": "ines", "confirmed_by": "tomas",
    "shares": [{"holder": "holder0", "office": "Office 0", "given_at": OPENED}],
    "opened": WHOLE.of("BidsOpened")[0].fact,
}  # fmt: skip


def says(said: dict[str, Any] = SAID, key: SignerKey = OFFICE, findings: Findings = WHOLE) -> str:
    served = {"record": said, "key": "ed25519:0", "signature": sign(key.private, canonical(said))}
    return records.verify(PATH, msgspec.json.encode(served), findings.of("BidsOpened")[0], findings)


def test_an_honest_opening_record_is_verified() -> None:
    assert says().startswith("the opening record is signed, and names who asked, confirmed and gave shares")


def test_a_record_that_another_key_signed_or_whose_signature_is_of_another_one() -> None:
    with pytest.raises(Broken, match="was altered: The signature does not fit"):
        says(key=SignerKey(OFFICE.verifier.name, b"x" * 32))
    served = {"record": SAID, "key": "", "signature": sign(OFFICE.private, canonical({**SAID, "ocid": "other"}))}
    with pytest.raises(Broken, match="was altered: The signature does not fit"):
        records.verify(PATH, msgspec.json.encode(served), WHOLE.of("BidsOpened")[0], WHOLE)
    with pytest.raises(Broken, match="the log names no key"):
        says(findings=msgspec.structs.replace(WHOLE, receipts=""))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"confirmed_by": "ines"}, "other people asked and confirmed"),
        ({"requested_by": "tomas"}, "other people asked and confirmed"),
        ({"shares": []}, "other key holders gave shares"),
        ({"shares": [{"holder": "holder0"}, {"holder": "holder1"}]}, "other key holders gave shares"),
        ({"opened": {**SAID["opened"], "root": NEW}}, "read out something else"),  # type: ignore[dict-item]  # a fact
    ],
)
def test_a_record_that_names_others_than_the_log(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Broken, match=words):
        says({**SAID, **change})


def test_who_acted_did_so_before_the_opening() -> None:
    late = found(KEYS, *HONEST, *[but(one, at=LATER) for one in ACTS])
    with pytest.raises(Broken, match="other people asked and confirmed before entry 5"):
        says(findings=late)
