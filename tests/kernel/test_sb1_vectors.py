"""What every program that speaks suite SB1 makes of the same seeds: `sb1.json`, which the browser's side reads too."""

import base64
import json
from itertools import combinations
from typing import Any

import pytest
from sb1_vectors import FILE, made

from procurement.kernel.sealing import (
    Dealing,
    answer_challenge,
    join_shares,
    open_share,
    parse_holder_key,
    parse_roster,
    unlock_identity,
    unlock_shares,
)

RANDOM = {"locked_s1", "locked_s2", "challenge_sealed"}  # age files: different each time, and open to the same


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def test_the_same_seeds_make_the_same_bytes(vectors: dict[str, Any]) -> None:
    again = made()
    assert {key: again[key] for key in again.keys() - RANDOM} == {key: vectors[key] for key in vectors.keys() - RANDOM}


def test_what_was_locked_then_opens_now(vectors: dict[str, Any]) -> None:
    keyholder, bid = vectors["keyholder"]["identity"], vectors["bid"]
    assert unlock_identity(base64.b64decode(vectors["locked_s1"]), keyholder) == bid["identity"]
    sealed = unlock_shares(base64.b64decode(vectors["locked_s2"]), keyholder)
    keys = [parse_holder_key(key.encode()) for key in vectors["holder_keys"]]
    shares = {one.member: open_share(one, key.identity) for one, key in zip(sealed, keys, strict=True)}
    assert [share.decode() for share in shares.values()] == vectors["shares"]
    roster = parse_roster(vectors["roster"].encode())
    dealing = Dealing(
        tender=roster.tender, lot_group="lot-1", kind="single", round=1, recipient=bid["recipient"], m=roster.m,
        members=roster.members,
    )  # fmt: skip
    for quorum in combinations(shares, roster.m):
        assert join_shares(dealing, sealed, {member: shares[member] for member in quorum}) == bid["identity"]


def test_a_challenge_of_then_is_answered_now(vectors: dict[str, Any]) -> None:
    key = parse_holder_key(vectors["holder_keys"][0].encode())
    sealed = base64.b64decode(vectors["challenge_sealed"])
    assert answer_challenge(sealed, key.identity, key.holder) == vectors["challenge_answer"]
