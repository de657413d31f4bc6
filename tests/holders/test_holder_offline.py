"""The holder's own tool: a key file that nobody else opens, and a key that does one thing for each kind of document."""

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from wanting import (
    DIGEST,
    KEYS,
    LOG,
    NOW,
    OTHER,
    PRACTICE,
    ROSTER,
    TENDER,
    WORDS,
    closing,
    enveloped,
    played,
    run,
    wants,
)

from procurement.holders import offline
from procurement.holders.command import holder
from procurement.holders.rules.keys import PublicKey, fingerprint, read_out
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.possession import answer_challenge, expected_answer, new_challenge, seal_challenge
from procurement.kernel.sealing.roster import check_roster_signature, roster_bytes


def test_a_new_key_is_saved_once_and_only_its_public_half_is_printed(folder: Path) -> None:
    made = run(folder, "new", key="new.age")
    half = msgspec.json.decode(made.stdout, type=PublicKey)
    key = offline.unlock((folder / "new.age").read_bytes(), WORDS)
    assert offline.public_half(key) == half and read_out(fingerprint(half)) in made.stderr
    assert key.seed not in made.output and key.identity not in made.output
    assert (folder / "new.age").stat().st_mode & 0o077 == 0
    before = (folder / "new.age").read_bytes()
    assert "exists already" in (no := run(folder, "new", key="new.age")).output and no.exit_code == 1
    assert (folder / "new.age").read_bytes() == before


def test_a_key_file_asks_of_a_browser_no_more_than_it_has(folder: Path) -> None:
    assert (folder / "key.age").read_bytes().split(b"\n")[1].endswith(b" 18")


def test_another_passphrase_opens_nothing(folder: Path) -> None:
    with pytest.raises(Refused, match="another passphrase"):
        offline.unlock((folder / "key.age").read_bytes(), WORDS + "s")
    with pytest.raises(Refused, match="16 characters"):
        offline.lock(KEYS[0], "short")


def test_the_tool_answers_challenges_and_nothing_else(folder: Path) -> None:
    asked = new_challenge("", KEYS[0].holder)
    (folder / "challenge.age").write_bytes(seal_challenge(asked, KEYS[0].recipient))
    assert run(folder, "answer", str(folder / "challenge.age")).stdout.strip() == expected_answer(asked)
    share = base64.b64decode(wants(KEYS[0]).shares[0].ct)
    other = seal_challenge(new_challenge("", KEYS[1].holder), KEYS[0].recipient)
    for sealed in (share, other, age.encrypt(canonical({"type": "pop/v1"}), KEYS[0].recipient)):
        with pytest.raises(Refused, match="hallenge"):
            answer_challenge(sealed, KEYS[0].identity, KEYS[0].holder)


def test_the_tool_signs_rosters_that_name_its_own_key(folder: Path) -> None:
    (folder / "roster.json").write_bytes(roster_bytes(ROSTER))
    signed = run(folder, "sign", str(folder / "roster.json"))
    check_roster_signature(ROSTER, KEYS[0].holder, signed.stdout.strip())
    assert "any 2 of 3" in signed.stderr and "Office 2" in signed.stderr
    swapped = msgspec.structs.replace(ROSTER.holders[0], age=age.new_identity()[1])
    for holders in (ROSTER.holders[1:], (swapped, *ROSTER.holders[1:])):
        with pytest.raises(Refused, match="does not name the key"):
            offline.signature(KEYS[0], roster_bytes(msgspec.structs.replace(ROSTER, holders=holders)))


def test_shares_are_given_of_a_closed_tender_when_it_is_time(folder: Path) -> None:
    wanted = wants(KEYS[0])
    [given] = offline.shares(KEYS[0], wanted, wanted.ledger, NOW)
    share = json.loads(given.share)
    assert (share["type"], share["member"], share["x"]) == ("share/v1", KEYS[0].holder, 1)
    (folder / "wanted.json").write_bytes(msgspec.json.encode(wanted))
    assert "no practice log" in run(folder, "give", str(folder / "wanted.json"), "--practice", "--yes").output
    (folder / "wanted.json").write_bytes(msgspec.json.encode(played()))
    printed = run(folder, "give", str(folder / "wanted.json"), "--practice", "--yes")
    [said] = msgspec.json.decode(printed.stdout)
    assert said["digest"] == DIGEST and json.loads(said["share"]) | {"y": share["y"]} == share, "dealt anew"


def test_the_tool_shows_whose_shares_are_asked_for_and_goes_on_when_told_to(folder: Path) -> None:
    """Before the passphrase is asked for: by a wrong deadline or tender the holder knows that something is wrong."""
    (folder / "shown.json").write_bytes(msgspec.json.encode(played()))
    give = ["give", str(folder / "key.age"), str(folder / "shown.json"), "--practice"]
    said = CliRunner().invoke(holder, give, input="n\n")
    assert said.exit_code == 1 and not said.stdout and "Passphrase" not in said.stderr
    assert f"tender {TENDER}, procurement ocds-1, in the record {PRACTICE.verifier.name}" in said.stderr
    assert said.stderr.count(NOW.isoformat()) == 3, "deadline, opening, and what the keyholder signed"
    given = CliRunner().invoke(holder, give, input=f"y\n{WORDS}\n")
    assert given.exit_code == 0 and msgspec.json.decode(given.stdout.splitlines()[-1])[0]["share"]


@pytest.mark.parametrize(
    ("wanted", "now", "code"),
    [
        (wants(KEYS[1]), NOW, "share-foreign"),
        (wants(KEYS[0]), NOW - timedelta(seconds=1), "too-early"),
        (wants(KEYS[0], closing(deadline=NOW + timedelta(seconds=1))), NOW, "too-early"),
        (wants(KEYS[0], closing("2026-0002")), NOW, "closing-unproven"),
        (wants(KEYS[0], closing(type_="TenderPublished")), NOW, "closing-unproven"),
        (wants(KEYS[0], closing(bids=[OTHER])), NOW, "closing-unproven"),
        (wants(KEYS[0], closing(bids=[])), NOW, "closing-unproven"),
        (wants(KEYS[0], closing(bids=[DIGEST, OTHER])), NOW, "closing-unproven"),
        (wants(KEYS[0], closing(log=SignerKey(LOG.verifier.name, b"\6" * 32))), NOW, "closing-unproven"),
        (wants(KEYS[0], closing(before=b'"type":"Other",')), NOW, "closing-unproven"),
        (wants(KEYS[0]), None, "closing-unproven"),
        (wants(KEYS[0], msgspec.structs.replace(closing(), salt="02" * 32)), NOW, "closing-unproven"),
    ],
)
def test_no_share_is_opened_before_the_record_shows_that_it_is_time(
    wanted: offline.Wanted, now: datetime | None, code: str
) -> None:
    with pytest.raises(Refused) as no:
        offline.shares(KEYS[0], wanted, str(LOG.verifier), now)
    assert no.value.code == code


def _beside(plain: offline.Wanted, offered: offline.Offered, *fixed: str) -> offline.Wanted:
    """Another bid's part before the plain one; the closing fixed both, or what is said."""
    digests = [*(fixed or (offered.digest, DIGEST))]
    closed = closing(bids=digests)
    return msgspec.structs.replace(plain, digests=digests, shares=[offered, *plain.shares], closing=closed)


def test_what_is_no_share_of_this_tender_and_bid_is_not_given() -> None:
    challenge = base64.b64encode(seal_challenge(new_challenge("", KEYS[0].holder), KEYS[0].recipient)).decode()
    plain, other = wants(KEYS[0]), wants(KEYS[0], tender="2026-0002")
    envelope, digest = enveloped(age.new_identity()[1])  # the share inside is of another bid
    asked = msgspec.structs.replace(plain.shares[0], envelope=envelope, digest=digest)
    for offered in (
        msgspec.structs.replace(asked, ct=challenge),
        msgspec.structs.replace(asked, ct="é"),
        msgspec.structs.replace(asked, commit="00" * 32),
        asked,
        msgspec.structs.replace(other.shares[0], envelope=envelope, digest=digest),
    ):
        wanted = _beside(plain, offered)
        first, second = offline.shares(KEYS[0], wanted, wanted.ledger, NOW)
        assert not first.share and second.share, "one bad bid does not stop the others"


def test_nothing_is_given_of_a_bid_that_the_closing_did_not_fix() -> None:
    """A version that was replaced or withdrawn is never opened, whoever operates service and keyholder."""
    plain = wants(KEYS[0])
    envelope, digest = enveloped(age.new_identity()[1])
    replaced = msgspec.structs.replace(plain.shares[0], envelope=envelope, digest=digest)
    relabelled = msgspec.structs.replace(replaced, digest=OTHER)
    unread, unread_digest = "not JSON", sha256_hex(b"not JSON")
    for wanted in (
        _beside(plain, replaced, DIGEST),
        _beside(plain, relabelled),
        _beside(plain, plain.shares[0], DIGEST),
        _beside(plain, msgspec.structs.replace(replaced, envelope=unread, digest=unread_digest)),
    ):
        with pytest.raises(Refused) as no:
            offline.shares(KEYS[0], wanted, wanted.ledger, NOW)
        assert no.value.code == "closing-unproven"


def test_bids_without_a_share_are_counted_all_the_same() -> None:
    plain = wants(KEYS[0])
    wanted = msgspec.structs.replace(plain, digests=[DIGEST, OTHER], closing=closing(bids=[DIGEST, OTHER]))
    assert [one.digest for one in offline.shares(KEYS[0], wanted, wanted.ledger, NOW)] == [DIGEST]
