"""The holder's own tool: a key file that nobody else opens, and a key that does one thing for each kind of document."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from procurement.holders import offline
from procurement.holders.command import holder
from procurement.holders.rules.keys import PublicKey, fingerprint, read_out
from procurement.kernel import merkle
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import entry_hash, record_bytes
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.closing import closing_root
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.possession import answer_challenge, expected_answer, new_challenge, seal_challenge
from procurement.kernel.sealing.roster import Holder, Roster, check_roster_signature, roster_bytes
from procurement.kernel.sealing.shares import deal
from procurement.keyholder.protocol import Evidence

WORDS = "five words that belong nowhere"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LOG = SignerKey("procurement.example/log", b"\7" * 32)
PRACTICE = SignerKey("procurement.example/log/sandbox-1", b"\7" * 32)
WITNESSES = [CosignerKey(f"witness.example/{number}", bytes([number]) * 32) for number in (1, 2)]
TENDER = "2026-0001"


def _seat(key: HolderKey, office: str) -> Holder:
    half = offline.public_half(key)
    return Holder(id=half.holder, office=office, organisation="city", age=half.age, sign=half.sign)


BID, BIDS_KEY = age.new_identity()  # E, and its public half
OTHER = "cd" * 32  # the digest of another bid


def _enveloped(recipient: str) -> tuple[str, str]:
    """An envelope's text and its digest; of all that stands in one only this is read here."""
    text = canonical({"kind": "single", "recipient": recipient})
    return text.decode(), sha256_hex(text)


ENVELOPE, DIGEST = _enveloped(BIDS_KEY)
KEYS = [new_holder_key(new_id()) for _ in range(3)]
ROSTER = Roster(tender=TENDER, level="S2", m=2, holders=tuple(_seat(key, f"Office {n}") for n, key in enumerate(KEYS)))


def _closing(
    tender: str = TENDER, log: SignerKey = LOG, type_: str = "TenderClosed", bids: Sequence[str] = (DIGEST,),
    deadline: datetime = NOW, cosigners: Sequence[CosignerKey] = (), before: bytes = b"",
) -> Evidence:  # fmt: skip
    """A closing with bids of these digests, in a log of two entries."""
    count, root = closing_root(bids)
    fact = {"tender": tender, "bids": count, "root": root, "deadline": deadline}
    record = record_bytes(type_, NOW, "ocds-1", "system:closing", "city", fact)
    record = b"{" + before + record[1:]
    leaves = [merkle.leaf_hash(b"another"), merkle.leaf_hash(entry_hash(b"\1" * 32, record))]
    text = Checkpoint(log.verifier.name, 2, merkle.root(leaves)).text()
    note = log.sign(text) + "".join(one.cosign(text, NOW) for one in cosigners)
    return Evidence(record=record.decode(), salt="01" * 32, index=1, proof=(leaves[0].hex(),), checkpoint=note)


def _wanted(key: HolderKey, closing: Evidence | None = None, tender: str = TENDER) -> offline.Wanted:
    sealed = deal(BID, msgspec.structs.replace(ROSTER, tender=tender))[KEYS.index(key)]
    return offline.Wanted(
        tender=TENDER, member=key.holder, opening_at=NOW, ledger=str(LOG.verifier), closing=closing or _closing(),
        digests=[DIGEST],
        shares=[offline.Offered(digest=DIGEST, envelope=ENVELOPE, commit=sealed.commit, ct=sealed.ct)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a key file, `key.age`, and its passphrase."""
    made = tmp_path_factory.mktemp("device")
    (made / "passphrase").write_text(WORDS)
    (made / "key.age").write_bytes(offline.lock(KEYS[0], WORDS))
    return made


def _run(folder: Path, act: str, *rest: str, key: str = "key.age") -> Result:
    options = ["--passphrase-file", str(folder / "passphrase")]
    return CliRunner().invoke(holder, [act, str(folder / key), *rest, *options])


def test_a_new_key_is_saved_once_and_only_its_public_half_is_printed(folder: Path) -> None:
    made = _run(folder, "new", key="new.age")
    half = msgspec.json.decode(made.stdout, type=PublicKey)
    key = offline.unlock((folder / "new.age").read_bytes(), WORDS)
    assert offline.public_half(key) == half and read_out(fingerprint(half)) in made.stderr
    assert key.seed not in made.output and key.identity not in made.output
    assert (folder / "new.age").stat().st_mode & 0o077 == 0
    before = (folder / "new.age").read_bytes()
    assert "exists already" in (no := _run(folder, "new", key="new.age")).output and no.exit_code == 1
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
    assert _run(folder, "answer", str(folder / "challenge.age")).stdout.strip() == expected_answer(asked)
    share = base64.b64decode(_wanted(KEYS[0]).shares[0].ct)
    other = seal_challenge(new_challenge("", KEYS[1].holder), KEYS[0].recipient)
    for sealed in (share, other, age.encrypt(canonical({"type": "pop/v1"}), KEYS[0].recipient)):
        with pytest.raises(Refused, match="hallenge"):
            answer_challenge(sealed, KEYS[0].identity, KEYS[0].holder)


def test_the_tool_signs_rosters_that_name_its_own_key(folder: Path) -> None:
    (folder / "roster.json").write_bytes(roster_bytes(ROSTER))
    signed = _run(folder, "sign", str(folder / "roster.json"))
    check_roster_signature(ROSTER, KEYS[0].holder, signed.stdout.strip())
    assert "any 2 of 3" in signed.stderr and "Office 2" in signed.stderr
    swapped = msgspec.structs.replace(ROSTER.holders[0], age=age.new_identity()[1])
    for holders in (ROSTER.holders[1:], (swapped, *ROSTER.holders[1:])):
        with pytest.raises(Refused, match="does not name the key"):
            offline.signature(KEYS[0], roster_bytes(msgspec.structs.replace(ROSTER, holders=holders)))


def test_shares_are_given_of_a_closed_tender_when_it_is_time(folder: Path) -> None:
    wanted = _wanted(KEYS[0])
    [given] = offline.shares(KEYS[0], wanted, wanted.ledger, NOW)
    share = json.loads(given.share)
    assert (share["type"], share["member"], share["x"]) == ("share/v1", KEYS[0].holder, 1)
    (folder / "wanted.json").write_bytes(msgspec.json.encode(wanted))
    assert "no practice log" in _run(folder, "give", str(folder / "wanted.json"), "--practice", "--yes").output
    played = msgspec.structs.replace(wanted, closing=_closing(log=PRACTICE), ledger=str(PRACTICE.verifier))
    (folder / "wanted.json").write_bytes(msgspec.json.encode(played))
    printed = _run(folder, "give", str(folder / "wanted.json"), "--practice", "--yes")
    assert msgspec.json.decode(printed.stdout) == [{"digest": DIGEST, "share": given.share}]


def test_the_tool_shows_whose_shares_are_asked_for_and_goes_on_when_told_to(folder: Path) -> None:
    """Before the passphrase is asked for: by a wrong deadline or tender the holder knows that something is wrong."""
    played = msgspec.structs.replace(_wanted(KEYS[0], _closing(log=PRACTICE)), ledger=str(PRACTICE.verifier))
    (folder / "shown.json").write_bytes(msgspec.json.encode(played))
    give = ["give", str(folder / "key.age"), str(folder / "shown.json"), "--practice"]
    said = CliRunner().invoke(holder, give, input="n\n")
    assert said.exit_code == 1 and not said.stdout and "Passphrase" not in said.stderr
    assert f"tender {TENDER}, procurement ocds-1, in the record {PRACTICE.verifier.name}" in said.stderr
    assert said.stderr.count(NOW.isoformat()) == 2, "deadline and opening"
    given = CliRunner().invoke(holder, give, input=f"y\n{WORDS}\n")
    assert given.exit_code == 0 and msgspec.json.decode(given.stdout.splitlines()[-1])[0]["share"]


def test_the_closing_has_to_be_cosigned_by_each_witness_that_the_holder_names(folder: Path) -> None:
    keys = [str(one.verifier) for one in WITNESSES]
    for cosigners, good in ((WITNESSES, True), (WITNESSES[:1], False), ([], False)):
        wanted = _wanted(KEYS[0], _closing(log=PRACTICE, cosigners=cosigners))
        wanted = msgspec.structs.replace(wanted, ledger=str(PRACTICE.verifier))
        (folder / "cosigned.json").write_bytes(msgspec.json.encode(wanted))
        named = [part for key in keys for part in ("--witness", key)]
        said = _run(folder, "give", str(folder / "cosigned.json"), "--practice", "--yes", *named)
        assert (said.exit_code == 0, "have cosigned the record" in said.output) == (good, not good)
    with pytest.raises(Refused, match="proves no closing"):
        offline.closed(_wanted(KEYS[0]), str(LOG.verifier), ["no key"])


@pytest.mark.parametrize(
    ("wanted", "now", "code"),
    [
        (_wanted(KEYS[1]), NOW, "share-foreign"),
        (_wanted(KEYS[0]), NOW - timedelta(seconds=1), "too-early"),
        (_wanted(KEYS[0], _closing(deadline=NOW + timedelta(seconds=1))), NOW, "too-early"),
        (_wanted(KEYS[0], _closing("2026-0002")), NOW, "closing-unproven"),
        (_wanted(KEYS[0], _closing(type_="TenderPublished")), NOW, "closing-unproven"),
        (_wanted(KEYS[0], _closing(bids=[OTHER])), NOW, "closing-unproven"),
        (_wanted(KEYS[0], _closing(bids=[])), NOW, "closing-unproven"),
        (_wanted(KEYS[0], _closing(bids=[DIGEST, OTHER])), NOW, "closing-unproven"),
        (_wanted(KEYS[0], _closing(log=SignerKey(LOG.verifier.name, b"\6" * 32))), NOW, "closing-unproven"),
        (_wanted(KEYS[0], _closing(before=b'"type":"Other",')), NOW, "closing-unproven"),
        (_wanted(KEYS[0]), None, "closing-unproven"),
        (_wanted(KEYS[0], msgspec.structs.replace(_closing(), salt="02" * 32)), NOW, "closing-unproven"),
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
    closing = _closing(bids=digests)
    return msgspec.structs.replace(plain, digests=digests, shares=[offered, *plain.shares], closing=closing)


def test_what_is_no_share_of_this_tender_and_bid_is_not_given() -> None:
    challenge = base64.b64encode(seal_challenge(new_challenge("", KEYS[0].holder), KEYS[0].recipient)).decode()
    plain, other = _wanted(KEYS[0]), _wanted(KEYS[0], tender="2026-0002")
    envelope, digest = _enveloped(age.new_identity()[1])  # the share inside is of another bid
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
    plain = _wanted(KEYS[0])
    envelope, digest = _enveloped(age.new_identity()[1])
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
    plain = _wanted(KEYS[0])
    wanted = msgspec.structs.replace(plain, digests=[DIGEST, OTHER], closing=_closing(bids=[DIGEST, OTHER]))
    assert [one.digest for one in offline.shares(KEYS[0], wanted, wanted.ledger, NOW)] == [DIGEST]
