"""The worker of a holder's page does in Chromium what the offline tool does in Python, byte for byte."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from procurement.holders import offline
from procurement.holders.rules.keys import fingerprint
from procurement.kernel import merkle
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.entry import entry_hash, open_entry, record_bytes
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age
from procurement.kernel.sealing.closing import closing_root
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.possession import expected_answer, new_challenge, seal_challenge
from procurement.kernel.sealing.roster import Holder, Roster, check_roster_signature, roster_bytes, roster_hash
from procurement.kernel.sealing.shares import deal

WORDS = "five words that belong nowhere"
TENDER = "2026-0001"
CLOSED = datetime(2026, 1, 1, tzinfo=UTC)
LOG = SignerKey("procurement.example/log", b"\7" * 32)
PRACTICE = SignerKey("procurement.example/log/sandbox-1", b"\7" * 32)
KEYS = [new_holder_key(new_id()) for _ in range(3)]
ASK = """
async ([act, given]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  for (const name of ["file", "sealed", "roster"]) if (given[name]) given[name] = bytes(given[name]);
  const worker = new Worker("/static/built/holder-worker.js", { type: "module" });
  const said = await new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(data));
    worker.postMessage({ act, ...given });
  });
  worker.terminate();
  if (said.done?.file) said.done.file = btoa(String.fromCharCode(...said.done.file));
  return said;
}
"""


@pytest.fixture(scope="module")
def device(browser: Browser, service: str) -> Iterator[Page]:
    """A page of the service, on which a holder's scripts may run."""
    context = browser.new_context(base_url=service)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto("/accessibility")
    yield page
    context.close()


@pytest.fixture(scope="module")
def file() -> str:
    """The first holder's key file, as the offline tool makes it."""
    return base64.b64encode(offline.lock(KEYS[0], WORDS)).decode()


def ask(device: Page, act: str, **given: Any) -> dict[str, Any]:
    said: dict[str, Any] = device.evaluate(ASK, [act, given])
    return said


def mine(file: str) -> dict[str, str]:
    return {"file": file, "passphrase": WORDS, "member": KEYS[0].holder}


def sealed_to(key: HolderKey, text: bytes) -> str:
    return base64.b64encode(age.encrypt(text, key.recipient)).decode()


def roster() -> Roster:
    halves = [offline.public_half(key) for key in KEYS]
    holders = [
        Holder(id=one.holder, office="Ämter & Büros", organisation="city", age=one.age, sign=one.sign) for one in halves
    ]
    return Roster(tender=TENDER, level="S2", m=2, holders=tuple(holders))


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    """The audit path, by the definition in RFC 9162."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:half], leaves[half:]
    if index < half:
        return [*_path(index, left), merkle.root(right)]
    return [*_path(index - half, right), merkle.root(left)]


def wanted(
    bids: int = 2, entries: int = 5, deadline: datetime = CLOSED, log: SignerKey = LOG, before: bytes = b""
) -> dict[str, Any]:
    """What the service sends at an opening, with a closing at place 3 of a log of so many entries."""
    shares = []
    for number in range(bids):
        identity, recipient = age.new_identity()
        mine = deal(identity, roster())[0]
        envelope = canonical({"kind": "single", "recipient": recipient, "version": number})
        shares.append(
            {"digest": sha256_hex(envelope), "envelope": envelope.decode(), "commit": mine.commit, "ct": mine.ct}
        )
    digests = [one["digest"] for one in shares]
    count, root = closing_root(digests)
    fact = {"tender": TENDER, "bids": count, "root": root, "deadline": deadline}
    record = record_bytes("TenderClosed", CLOSED, "ocds-1", "system:closing", "city", fact)
    record = b"{" + before + record[1:]
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(entries)]
    leaves[3] = merkle.leaf_hash(entry_hash(b"\1" * 32, record))
    note = log.sign(Checkpoint(log.verifier.name, entries, merkle.root(leaves)).text())
    proof = [one.hex() for one in _path(3, leaves)]
    closing = {"record": record.decode(), "salt": "01" * 32, "index": 3, "proof": proof, "checkpoint": note}
    return {"tender": TENDER, "member": KEYS[0].holder, "opening_at": "2026-01-01T00:00:00Z",
            "ledger": str(log.verifier), "closing": closing, "digests": digests, "shares": shares}  # fmt: skip


def prices_wanted() -> dict[str, Any]:
    """What the service sends when prices are opened: of two bids the first passed. `failed` is the other's share."""
    shares, log = [], LOG
    for number in range(2):
        identity, recipient = age.new_identity()
        dealt = deal(identity, roster(), kind="financial")[0]
        envelope = canonical({"kind": "financial", "recipient": recipient, "version": number})
        shares.append(
            {"digest": sha256_hex(envelope), "envelope": envelope.decode(), "commit": dealt.commit, "ct": dealt.ct}
        )
    digests = [*(one["digest"] for one in shares), f"{7:064x}", f"{8:064x}"]
    count, root = closing_root(digests)
    closed = {"tender": TENDER, "bids": count, "root": root, "deadline": CLOSED}
    records = [record_bytes("TenderClosed", CLOSED, "ocds-1", "system:closing", "city", closed)]
    leaves = [merkle.leaf_hash(entry_hash(b"\1" * 32, records[0]))]
    decided = {"tender": TENDER, "closing": leaves[0].hex(), "passed": digests[:1], "failed": digests[1:2]}
    records.append(record_bytes("TechnicalDecided", CLOSED, "ocds-1", "somebody", "city", decided))
    leaves.append(merkle.leaf_hash(open_entry(b"\1" * 32, records[1])))
    note = log.sign(Checkpoint(log.verifier.name, 2, merkle.root(leaves)).text())
    closing, decision = (
        {"record": record.decode(), "salt": "01" * 32, "index": index, "checkpoint": note,
         "proof": [one.hex() for one in _path(index, leaves)], "open": bool(index)}
        for index, record in enumerate(records)
    )  # fmt: skip
    return {"tender": TENDER, "member": KEYS[0].holder, "opening_at": "2026-01-01T00:00:00Z", "decision": decision,
            "ledger": str(log.verifier), "closing": closing, "digests": digests, "shares": shares[:1],
            "failed": shares[1]}  # fmt: skip


def test_prices_are_given_of_who_passed_as_the_tool_gives_them(device: Page, file: str) -> None:
    asked = prices_wanted()
    failed = asked.pop("failed")
    given = ask(device, "give", **mine(file), tender=TENDER, wanted=asked, practice=False)["done"]
    tool = offline.shares(KEYS[0], msgspec.convert(asked, offline.Wanted), str(LOG.verifier), datetime.now(UTC))
    assert msgspec.json.decode(given["shares"], type=list[offline.Given]) == tool and tool[0].share
    for wrong in (
        {"decision": None},
        {"decision": asked["closing"]},
        {"shares": [failed]},
        {"shares": [*asked["shares"], failed]},
        {"decision": asked["decision"] | {"record": asked["decision"]["record"].replace("passed", "failed")}},
        {"closing": asked["decision"]},
    ):
        said = ask(device, "give", **mine(file), tender=TENDER, wanted=asked | wrong, practice=False)
        assert said == {"trouble": "closing"}, wrong.keys()
        with pytest.raises(Refused):
            offline.shares(KEYS[0], msgspec.convert(asked | wrong, offline.Wanted), asked["ledger"], datetime.now(UTC))


def test_the_browser_s_key_file_is_the_tool_s(device: Page) -> None:
    made = ask(device, "make", holder=new_id(), passphrase=WORDS)["done"]
    key = offline.unlock(base64.b64decode(made["file"]), WORDS)
    half = offline.public_half(key)
    assert msgspec.to_builtins(half) == made["half"] and fingerprint(half) == made["fingerprint"]


def test_a_challenge_is_answered_and_nothing_else_is(device: Page, file: str) -> None:
    asked = new_challenge(TENDER, KEYS[0].holder)
    sealed = base64.b64encode(seal_challenge(asked, KEYS[0].recipient)).decode()
    assert ask(device, "prove", **mine(file), sealed=sealed) == {"done": {"answer": expected_answer(asked)}}
    share = wanted(1)["shares"][0]["ct"]
    assert ask(device, "prove", **mine(file), sealed=share) == {"trouble": "challenge"}
    assert ask(device, "prove", **mine(file) | {"member": new_id()}, sealed=sealed) == {"trouble": "other-key"}


def test_a_roster_that_names_this_key_is_signed(device: Page, file: str) -> None:
    read, content = roster(), base64.b64encode(roster_bytes(roster())).decode()
    given = mine(file) | {"tender": TENDER, "roster": content, "hash": roster_hash(read)}
    check_roster_signature(read, KEYS[0].holder, ask(device, "sign", **given)["done"]["signature"])
    for wrong in ({"hash": "0" * 64}, {"tender": "2026-0002"}, {"member": new_id()}):
        assert ask(device, "sign", **given | wrong) == {"trouble": "roster"}, "before the key is touched"


def test_shares_are_given_of_a_closed_tender_as_the_tool_gives_them(device: Page, file: str) -> None:
    for number, wrong in enumerate(({"digest": f"{9:064x}"}, {"envelope": "{}"}, {"envelope": "no JSON"})):
        more = wanted()
        more["shares"].append(more["shares"][0] | wrong)
        more["digests"] += [wrong[name] for name in wrong if name == "digest"]
        said = ask(device, "give", **mine(file), tender=TENDER, wanted=more, practice=False)
        assert said == {"trouble": "closing"}, f"{number}: what the closing does not fix"
    twice = wanted()
    twice["shares"].append(twice["shares"][0])
    said = ask(device, "give", **mine(file), tender=TENDER, wanted=twice, practice=False)
    assert said == {"trouble": "closing"}
    asked = wanted()
    asked["shares"][1]["ct"] = sealed_to(KEYS[0], b"no share")
    given = ask(device, "give", **mine(file), tender=TENDER, wanted=asked, practice=False)["done"]
    tool = offline.shares(KEYS[0], msgspec.convert(asked, offline.Wanted), str(LOG.verifier), datetime.now(UTC))
    assert msgspec.json.decode(given["shares"], type=list[offline.Given]) == tool
    assert [bool(one.share) for one in tool] == [True, False], "one bad bid does not stop the others"


@pytest.mark.parametrize("entries", [4, 5, 6, 7, 8, 9, 13])
def test_a_closing_is_found_in_a_log_of_any_length(device: Page, entries: int) -> None:
    asked = wanted(0, entries)
    given = {"file": "", "passphrase": "", "member": KEYS[0].holder, "tender": TENDER, "practice": False}
    assert ask(device, "give", **given, wanted=asked) == {"trouble": "key"}, "nothing was left to check but the key"
    asked["closing"]["proof"][0] = "00" * 32
    assert ask(device, "give", **given, wanted=asked) == {"trouble": "closing"}


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        ({"opening_at": "2999-01-01T00:00:00Z"}, "early"),
        ({"opening_at": None}, "early"),
        ({"tender": "2026-0002"}, "closing"),
        ({"member": "somebodyelse"}, "closing"),
        ({"ledger": str(SignerKey(LOG.verifier.name, b"\6" * 32).verifier)}, "closing"),
        ({"ledger": ""}, "closing"),
    ],
)
def test_no_key_is_touched_before_it_is_time(device: Page, change: dict[str, Any], trouble: str) -> None:
    given = {"file": "", "passphrase": "", "member": KEYS[0].holder, "tender": TENDER, "practice": False}
    assert ask(device, "give", **given, wanted=wanted(0) | change) == {"trouble": trouble}


def test_the_deadline_in_the_record_counts_whatever_time_the_service_tells(device: Page) -> None:
    given = {"file": "", "passphrase": "", "member": KEYS[0].holder, "tender": TENDER, "practice": False}
    told = wanted(0, deadline=datetime(2999, 1, 1, tzinfo=UTC))
    assert ask(device, "give", **given, wanted=told) == {"trouble": "early"}


def test_a_clock_is_left_out_of_account_in_a_practice_log_alone(device: Page) -> None:
    """Whatever the page says of the service: the log's name says it for ever."""
    given = {"file": "", "passphrase": "", "member": KEYS[0].holder, "tender": TENDER}
    late = datetime(2999, 1, 1, tzinfo=UTC)
    for log, practice, trouble in ((LOG, True, "early"), (PRACTICE, False, "early"), (PRACTICE, True, "key")):
        asked = wanted(0, deadline=late, log=log)
        assert ask(device, "give", **given, wanted=asked, practice=practice) == {"trouble": trouble}


def test_a_closing_in_another_spelling_is_none(device: Page) -> None:
    """With a name said twice, another reader could read another tender in it."""
    given = {"file": "", "passphrase": "", "member": KEYS[0].holder, "tender": TENDER, "practice": False}
    twofold = wanted(0, before=b'"type":"Other",')
    assert ask(device, "give", **given, wanted=twofold) == {"trouble": "closing"}
