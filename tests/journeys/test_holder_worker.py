"""The worker of a holder's page does in Chromium what the offline tool does in Python, byte for byte."""

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from holder_device import (
    KEYS,
    LOG,
    PRACTICE,
    TENDER,
    WORDS,
    ask,
    mine,
    prices_wanted,
    roster,
    sealed_to,
    wanted,
)
from playwright.sync_api import Page

from procurement.holders import offline
from procurement.holders.rules.keys import fingerprint
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.possession import expected_answer, new_challenge, seal_challenge
from procurement.kernel.sealing.roster import check_roster_signature, roster_bytes, roster_hash


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
