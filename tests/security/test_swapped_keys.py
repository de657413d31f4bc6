"""Whoever swaps the key of a key holder, in the pages, in the record, or everywhere, is named by the verifier."""

import base64
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from procurement.kernel.entry import Record
from procurement.kernel.sealing import Holder, Roster, holder_fingerprint, new_identity, roster_hash, sign_roster
from procurement.verifier import holders
from procurement.verifier.log import Broken
from procurement.verifier.records import Findings, Placed

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(4)]
AGE = [new_identity()[1] for _ in KEYS]
TENDER = "2026-0418"


def holder(place: int, key: int | None = None) -> Holder:
    """The holder at that place, with the key of another where one is given."""
    which = place if key is None else key
    sign = base64.b64encode(KEYS[which].public_key().public_bytes_raw()).decode()
    return Holder(id=f"holder{place}", office=f"Office {place}", organisation="city", age=AGE[which], sign=sign)


def fingerprint(one: Holder) -> str:
    return holder_fingerprint(one.id, one.age, one.sign)


def placed(index: int, type_: str, **fact: Any) -> Placed:
    return Placed(index, Record(type_, "2026-11-01T09:00:00.000000Z", "ocds-1", "nobody", "", fact))


def enrolled(*which: Holder) -> list[Placed]:
    found = []
    for place, one in enumerate(which):
        mark = fingerprint(one)
        fact = {**msgspec.to_builtins(one), "holder": one.id, "fingerprint": mark}
        found.append(placed(2 * place, "KeyHolderEnrolled", **fact))
        found.append(placed(2 * place + 1, "KeyHolderConfirmed", holder=one.id, fingerprint=mark))
    return found


def frozen(roster: Roster, *signers: int, index: int = 20) -> Placed:
    signed = [
        {**msgspec.to_builtins(one), "signature": sign_roster(KEYS[signer], roster)}
        for one, signer in zip(roster.holders, signers, strict=True)
    ]
    fact = {"tender": TENDER, "level": roster.level, "m": roster.m, "roster": roster_hash(roster), "holders": signed}
    return placed(index, "RosterFrozen", **fact)


def shown(fact: dict[str, Any]) -> bytes:
    plain = [{name: one[name] for name in one if name != "signature"} for one in fact["holders"]]
    signatures = {one["id"]: one["signature"] for one in fact["holders"]}
    view = {"tender": TENDER, "level": fact["level"], "m": fact["m"], "sha256": fact["roster"]}
    return msgspec.json.encode({**view, "holders": plain, "signatures": signatures})


HONEST = Roster(tender=TENDER, level="S2", m=2, holders=tuple(map(holder, range(3))))
SWAPPED = Roster(tender=TENDER, level="S2", m=2, holders=(holder(0), holder(1), holder(2, key=3)))
PUBLISHED = placed(19, "TenderPublished", seal_level="S2", tender=TENDER)
TRUE = frozen(HONEST, 0, 1, 2)


def says(
    fact: Placed | None = TRUE,
    served: Placed | None = None,
    of_keys: list[Placed] | None = None,
    published: Placed = PUBLISHED,
    after: Sequence[Placed] = (),
) -> list[str]:
    keys = enrolled(*HONEST.holders) if of_keys is None else of_keys
    findings = Findings([published, *([fact] if fact else []), *after], [], keys)
    answer = shown((served or fact or TRUE).fact)
    holders.verify(lambda path: answer, findings)
    return findings.checks


def test_honest_key_holders_are_verified() -> None:
    assert says() == ["2 of 3 key holders open together: all enrolled, and signed for each other"]


def test_a_key_swapped_in_what_is_shown() -> None:
    with pytest.raises(Broken, match=r"/roster was altered: entry 20 names other key holders, or other keys"):
        says(served=frozen(SWAPPED, 0, 1, 3))


def test_a_key_swapped_in_the_record_without_the_others_signatures() -> None:
    fact = frozen(SWAPPED, 0, 1, 3).fact
    fact["holders"][0]["signature"] = TRUE.fact["holders"][0]["signature"]
    with pytest.raises(Broken, match="entry 20: "):
        says(placed(20, "RosterFrozen", **fact))


def test_a_key_swapped_under_the_old_hash() -> None:
    fact = {**frozen(SWAPPED, 0, 1, 3).fact, "roster": roster_hash(HONEST)}
    with pytest.raises(Broken, match="other key holders than its hash"):
        says(placed(20, "RosterFrozen", **fact))


def test_a_key_swapped_with_every_signature_that_its_office_never_enrolled() -> None:
    with pytest.raises(Broken, match="entry 20 names another key of Office 2 than that office enrolled"):
        says(frozen(SWAPPED, 0, 1, 3))


def test_a_key_that_nobody_enrolled_or_confirmed() -> None:
    for missing in (-1, -2):
        of_keys = enrolled(*HONEST.holders)
        del of_keys[missing]
        with pytest.raises(Broken, match="that nobody enrolled and confirmed before"):
            says(of_keys=of_keys)


def test_a_double_lock_without_holders_and_holders_changed_later() -> None:
    with pytest.raises(Broken, match="publishes a double lock without key holders"):
        says(None)
    with pytest.raises(Broken, match="entry 21 changes the key holders"):
        says(after=[frozen(SWAPPED, 0, 1, 3, index=21)])


def test_a_key_swapped_beside_the_fingerprint_that_was_truly_confirmed() -> None:
    """The second person compared the true key; another one stands in the record under its fingerprint."""
    of_keys = enrolled(*SWAPPED.holders)
    for one in of_keys[-2:]:
        one.fact["fingerprint"] = fingerprint(HONEST.holders[2])
    with pytest.raises(Broken, match="entry 20 names another key of Office 2 than that office enrolled"):
        says(frozen(SWAPPED, 0, 1, 3), of_keys=of_keys)


def test_two_keys_under_one_id_and_a_key_that_had_ended() -> None:
    other = placed(9, "KeyHolderEnrolled", **{**enrolled(*SWAPPED.holders)[-2].fact})
    for of_keys in ([*enrolled(*HONEST.holders), other], [other, *enrolled(*HONEST.holders)]):
        with pytest.raises(Broken, match=r"entry \d enrols another key under the id of Office 2's"):
            says(of_keys=of_keys)
    ended = {"holder": "holder0", "organisation": "city", "reason": "It was stolen."}
    with pytest.raises(Broken, match="entry 20 names a key of Office 0 that entry 10 had ended"):
        says(of_keys=[*enrolled(*HONEST.holders), placed(10, "KeyHolderEnded", **ended)])
    assert says(of_keys=[*enrolled(*HONEST.holders), placed(21, "KeyHolderEnded", **ended)]), "it ended afterwards"


@pytest.mark.parametrize("other", [{"tender": "2026-9999"}, {"seal_level": "S3"}, {"seal_level": "S1"}])
def test_the_roster_of_another_tender_or_level(other: dict[str, str]) -> None:
    with pytest.raises(Broken, match="entry 20 names key holders of tender 2026-0418 at S2, entry 19 publishes"):
        says(published=placed(19, "TenderPublished", **{**PUBLISHED.fact, **other}))


def test_a_roster_that_was_frozen_at_another_moment_than_the_publication() -> None:
    record = msgspec.structs.replace(TRUE.record, at="2026-11-01T09:00:01.000000Z")
    with pytest.raises(Broken, match="entry 20 froze the key holders apart from the publication at 19"):
        says(Placed(20, record))


def gave(holder: str, able: bool = True, index: int = 30) -> Placed:
    return placed(index, "SharesGiven", holder=holder, able=able)


def test_an_opening_with_fewer_key_holders_than_have_to_act() -> None:
    opened = placed(40, "BidsOpened", bids=[{"problem": "", "supplier": "harbour"}])
    assert "2 key holders gave their shares: Office 0, Office 2" in says(
        after=[gave("holder0"), gave("holder2"), opened]
    )
    for too_few in ([gave("holder0")], [gave("holder0"), gave("holder1", able=False)],
                    [gave("holder0"), gave("holder1", index=41)]):  # fmt: skip
        with pytest.raises(Broken, match="entry 40 opened bids with 1 key holders of 2"):
            says(after=[*too_few, opened])
    with pytest.raises(Broken, match="a share of somebody, who is in no roster"):
        says(after=[gave("holder0"), gave("somebody"), opened])
    assert says(after=[gave("holder0"), placed(31, "KitGiven"), opened]), "the bidder's own kit opened it"


def test_prices_opened_with_fewer_key_holders_than_have_to_act() -> None:
    """What they gave at the first opening does not count for the second."""
    first = [gave("holder0"), gave("holder2"), placed(40, "BidsOpened", bids=[{"problem": "", "supplier": "harbour"}])]

    def again(holder: str) -> Placed:
        return placed(45, "SharesGiven", holder=holder, able=True, decision="ab" * 32)

    prices = placed(50, "PricesOpened", bids=[{"problem": ""}])
    assert "2 key holders gave their shares of the prices" in says(
        after=[*first, again("holder0"), again("holder1"), prices]
    )
    for too_few in ([], [again("holder0")], [again("holder0"), again("somebody"), again("holder1")]):
        with pytest.raises(Broken, match="entry 50 opened prices"):
            says(after=[*first, *too_few, prices])
    kit = placed(46, "KitGiven", decision="ab" * 32)
    assert says(after=[*first, again("holder0"), kit, prices]), "the bidder's own kit opened it"
