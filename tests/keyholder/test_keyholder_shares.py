"""At levels S2 and S3 the keyholder gives up shares that it cannot read, and never an identity."""

import base64

import msgspec
import pytest
from keyholding import OPENING, OPENS_AT, Office, closing_record

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Holder,
    Roster,
    SealedShare,
    deal,
    digest,
    lock_shares,
    new_holder_key,
    new_identity,
    open_share,
    recipient_of,
    roster_hash,
)
from procurement.keyholder import rules

KEYS = [new_holder_key(f"holder-{x}") for x in range(1, 4)]
ROSTER = Roster(
    tender=OPENING.tender,
    level="S2",
    m=2,
    holders=tuple(
        Holder(id=key.holder, office="Treasurer", organisation="marrow", age=key.recipient, sign=key.sign)
        for key in KEYS
    ),
)


def sealed(office: Office, dealt: tuple[SealedShare, ...], identity: str) -> bytes:
    locked = lock_shares(dealt, office.keyholder.identity(OPENING, OPENS_AT).recipient)
    return office.sealed(
        recipient=recipient_of(identity),
        m=2,
        n=3,
        roster=roster_hash(ROSTER),
        locked=base64.b64encode(locked).decode(),
    )[1]


def released(office: Office, envelopes: list[bytes]) -> str:
    digests = [digest(envelope) for envelope in envelopes]
    office.clock.at = OPENS_AT
    evidence = office.ledger.evidence(closing_record(digests))
    for person in ("marsh", "okafor"):
        office.wants(person, rules.leaf_of(evidence))
    return office.release(evidence, digests).leaf


def test_what_is_given_are_shares_that_only_their_holders_read(office: Office) -> None:
    identity, _ = new_identity()
    dealt = deal(identity, ROSTER)
    envelope = sealed(office, dealt, identity)
    unlocked = office.keyholder.unlock(released(office, [envelope]), envelope)
    assert (unlocked.identity, unlocked.shares) == ("", dealt)
    assert all(open_share(one, key.identity) for one, key in zip(unlocked.shares, KEYS, strict=True))
    kept = (office.folder / "keyholder.sqlite").read_bytes()
    assert all(one.ct.encode() not in kept for one in dealt), "the keyholder does not keep what it gives"


def test_before_the_grant_no_share_is_given(office: Office) -> None:
    identity, _ = new_identity()
    envelope = sealed(office, deal(identity, ROSTER), identity)
    leaf = released(office, [])
    with pytest.raises(Refused) as no:
        office.keyholder.unlock(leaf, envelope)
    assert no.value.code == "not-released"


def test_a_bid_without_one_share_for_each_holder_is_refused_alone(office: Office) -> None:
    identity, _ = new_identity()
    one, two, three = deal(identity, ROSTER)
    twice = msgspec.structs.replace(three, member=one.member)
    envelopes = [sealed(office, dealt, identity) for dealt in ((one, two), (one, two, twice), (one, two, three))]
    leaf = released(office, envelopes)
    for bad in envelopes[:2]:
        with pytest.raises(Refused) as no:
            office.keyholder.unlock(leaf, bad)
        assert no.value.code == "dealing-inconsistent"
    assert len(office.keyholder.unlock(leaf, envelopes[2]).shares) == 3


def test_an_identity_where_shares_should_be_is_refused(office: Office) -> None:
    _, plain = office.sealed(m=2, n=3, roster=roster_hash(ROSTER))
    with pytest.raises(Refused) as no:
        office.keyholder.unlock(released(office, [plain]), plain)
    assert no.value.code == "lock-malformed"
