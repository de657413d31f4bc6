"""The opening record says who acted, and is signed: whoever alters it, or signs it with another key, is found."""

from typing import Any

import msgspec
import pytest
from forged_record import HONEST, LATER, NEW, OLD, OPENED, Said, but, fact, record
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


BID, REASON = HONEST[2].fact["bid"], "Its bidder was called twice."
SAYS = [("holder0", "read"), ("holder1", "unreadable"), ("holder2", "nothing")]


def opened_without() -> Said:
    """The opening goes on without the one bid."""
    [bid] = HONEST[4].fact["bids"]
    return but(HONEST[4], bids=[{**bid, "lots": {}, "problem": "shares-unreadable"}])


def by(who: str, type_: str, **fields: Any) -> Said:
    return msgspec.structs.replace(fact(type_, OPENED, tender="1", bid=BID, **fields), actor=f"person:{who}")


def put_out(officer: str = "ines", approver: str = "tomas", **other: Any) -> list[Said]:
    said = {"digest": NEW, "reason": REASON, "read": ["holder0"], "unreadable": ["holder1"], "nothing": ["holder2"]}
    return [by(officer, "PutOutProposed", reason=REASON), by(approver, "BidPutOut", **{**said, **other})]


def goes_on(decided: list[Said], told: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """What is said of an opening that goes on without the bid: what is wrong, or "", and the notes."""
    findings = found(KEYS, *HONEST[:4], *ACTS, *decided, opened_without())
    said = {**SAID, "opened": findings.of("BidsOpened")[0].fact} | ({"put_out": told} if told else {})
    try:
        says(said, findings=findings)
    except Broken as wrong:
        return str(wrong), findings.notes
    return "", findings.notes


TOLD = {
    "bid": BID, "digest": NEW, "reason": REASON, "holders": [{"holder": one, "said": what} for one, what in SAYS],
}  # fmt: skip


def test_a_bid_is_put_out_by_two_people_and_the_record_says_who_could_not_read_it() -> None:
    assert goes_on(put_out(), [TOLD]) == ("", [])


@pytest.mark.parametrize(
    ("decided", "told", "words"),
    [
        ([], [TOLD], "no two people decided"),
        (put_out()[1:], [TOLD], "no two people decided"),
        (put_out(approver="ines"), [TOLD], "no two people decided"),
        (put_out(), [], "otherwise"),
        (put_out(), [{**TOLD, "reason": "Another reason."}], "otherwise"),
        (put_out(unreadable=[], nothing=["holder1", "holder2"]), [TOLD], "otherwise"),
        (put_out(), [TOLD, {**TOLD, "bid": "another"}], "does not go on without bid another"),
    ],
)
def test_a_bid_that_was_put_out_otherwise_is_found(decided: list[Said], told: list[dict[str, Any]], words: str) -> None:
    assert words in goes_on(decided, told)[0]


def test_of_a_bid_that_nobody_is_named_to_have_decided_on_that_is_said() -> None:
    """Before two people had to decide, time did."""
    wrong, [note] = goes_on([], [])
    assert not wrong and "1 bids that too few key holders could read" in note


def test_of_prices_that_are_apart_each_lot_is_decided_on_by_itself() -> None:
    """The record may name them in another order than they were decided."""
    lots = {"lot1": OLD, "lot2": NEW}
    decided = [but(one, lot=lot) for lot, digest in lots.items() for one in put_out(digest=digest)]
    [bid] = HONEST[4].fact["bids"]
    shut = [{**bid, "lots": {}, "lot": lot, "problem": "shares-unreadable"} for lot in lots]
    findings = found(KEYS, *HONEST[:4], *ACTS, *decided, but(HONEST[4], bids=shut))
    told = [{**TOLD, "lot": lot, "digest": digest} for lot, digest in reversed(lots.items())]
    said = {**SAID, "opened": findings.of("BidsOpened")[0].fact, "put_out": told}
    assert says(said, findings=findings) and not findings.notes
    with pytest.raises(Broken, match=f"goes on without bid {BID} lot2, which no two people decided"):
        fewer = found(KEYS, *HONEST[:4], *ACTS, *decided[:3], but(HONEST[4], bids=shut))
        says({**said, "opened": fewer.of("BidsOpened")[0].fact}, findings=fewer)
