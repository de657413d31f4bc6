"""The double lock: any m of n members open a bid, fewer never, and whatever is wrong is found and named."""

from collections.abc import Callable
from itertools import combinations

import msgspec
import pytest
from committee import Committee, DealtBid, altered, sealed_again
from sealed_bids import KEYHOLDER, KEYHOLDER_RECIPIENT, a_manifest, an_envelope, refusal

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Dealing,
    check_share,
    deal,
    envelope_bytes,
    join_shares,
    lock_identity,
    lock_shares,
    must_name_roster,
    new_identity,
    open_share,
    parse_envelope,
    roster_hash,
    shamir,
    share_bytes,
    unlock_identity,
    unlock_shares,
)
from procurement.kernel.sealing.age import encrypt
from procurement.kernel.sealing.manifest import manifest_bytes

SCHEMES = [(2, 3), (3, 5), (4, 7)]
COMMITTEES = {scheme: Committee(*scheme) for scheme in SCHEMES}
QUORUMS = list(combinations(range(1, 6), 3))  # of 3 of 5


@pytest.fixture
def bid() -> DealtBid:
    return DealtBid(COMMITTEES[3, 5])


def fault(act: Callable[[], object]) -> tuple[str, str]:
    """(code, the member named, or "")."""
    with pytest.raises(Refused) as no:
        act()
    return no.value.code, no.value.fields.get("member", "")


# Who can open


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_quorum_opens_and_every_larger_one(scheme: tuple[int, int]) -> None:
    m, n = scheme
    bid = DealtBid(COMMITTEES[scheme])
    for size in range(m, n + 1):
        for places in combinations(range(1, n + 1), size):
            assert bid.join(places) == bid.identity


@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_member_too_few_never_opens(scheme: tuple[int, int]) -> None:
    m, n = scheme
    bid = DealtBid(COMMITTEES[scheme])
    for places in combinations(range(1, n + 1), m - 1):
        assert fault(lambda places=places: bid.join(places)) == ("shares-missing", "")
        fewer = msgspec.structs.replace(bid.dealing, m=m - 1)  # somebody who leaves the check out
        given = bid.given(places)
        assert refusal(lambda fewer=fewer, given=given: join_shares(fewer, bid.sealed, given)) == "dealing-inconsistent"


def test_the_keyholder_alone_finds_shares_and_no_identity(bid: DealtBid) -> None:
    locked = lock_shares(bid.sealed, KEYHOLDER_RECIPIENT)
    assert unlock_shares(locked, KEYHOLDER) == bid.sealed
    assert refusal(lambda: unlock_identity(locked, KEYHOLDER)) == "lock-malformed"
    plain = lock_identity(bid.identity, KEYHOLDER_RECIPIENT)
    assert refusal(lambda: unlock_shares(plain, KEYHOLDER)) == "lock-malformed"
    for one in bid.sealed:
        assert refusal(lambda one=one: open_share(one, KEYHOLDER)) == "share-unreadable"


@pytest.mark.parametrize("ct", ["\0", "é", "AAAA\n"])
def test_a_share_that_is_not_base64_never_leaves_the_keyholder(bid: DealtBid, ct: str) -> None:
    odd = msgspec.structs.replace(bid.sealed[0], ct=ct)
    locked = lock_shares((odd, *bid.sealed[1:]), KEYHOLDER_RECIPIENT)
    assert refusal(lambda: unlock_shares(locked, KEYHOLDER)) == "lock-malformed"
    assert refusal(lambda: open_share(odd, KEYHOLDER)) == "share-unreadable"


def test_fifteen_members_with_the_longest_names_fit_the_lock() -> None:
    committee = Committee(8, 15, tender="t" * 200)
    holders = tuple(msgspec.structs.replace(one, id=f"{one.id:h>200}") for one in committee.roster.holders)
    roster = msgspec.structs.replace(committee.roster, holders=holders)
    sealed = deal(new_identity()[0], roster, lot_group="l" * 200)
    assert unlock_shares(lock_shares(sealed, KEYHOLDER_RECIPIENT), KEYHOLDER) == sealed


# The member's fault


@pytest.mark.parametrize("x", [1, 3, 5])
def test_a_corrupt_share_names_its_member_whoever_else_acts(bid: DealtBid, x: int) -> None:
    wrong = altered(bid.share(x), y="00" * 32)
    for places in QUORUMS:
        if x in places:
            given = bid.given(places) | {f"holder-{x}": wrong}
            found = fault(lambda given=given: join_shares(bid.dealing, bid.sealed, given))
            assert found == ("share-wrong", f"holder-{x}")


def test_a_share_of_another_bid_names_the_member_who_gave_it(bid: DealtBid) -> None:
    other = DealtBid(bid.committee).given([2])["holder-2"]
    assert fault(lambda: check_share(bid.dealing, bid.sealed, "holder-2", other)) == ("share-foreign", "holder-2")


@pytest.mark.parametrize(
    "change", [{"tender": "2026-0001"}, {"lot_group": "2"}, {"kind": "financial"}, {"round": 2}, {"x": 4}]
)
def test_a_share_of_another_tender_lot_kind_round_or_place_is_foreign(bid: DealtBid, change: dict[str, object]) -> None:
    share = altered(bid.share(2), **change)
    assert fault(lambda: check_share(bid.dealing, bid.sealed, "holder-2", share)) == ("share-foreign", "holder-2")


def test_a_share_given_twice_under_two_names_is_foreign_to_the_second(bid: DealtBid) -> None:
    given = bid.given([1, 2])
    twice = given | {"holder-3": given["holder-2"]}
    assert fault(lambda: join_shares(bid.dealing, bid.sealed, twice)) == ("share-foreign", "holder-3")


def test_somebody_who_holds_no_key_gives_nothing(bid: DealtBid) -> None:
    share = bid.given([1])["holder-1"]
    assert fault(lambda: check_share(bid.dealing, bid.sealed, "stranger", share)) == ("share-foreign", "stranger")


@pytest.mark.parametrize(
    "mistyped",
    [
        lambda share: share[:-1],
        lambda share: share + b" ",
        lambda share: share.replace(b'"x":2', b'"x":0'),
        lambda share: share.replace(b"share/v1", b"pop/v1"),
        lambda share: share.replace(b'"y":"', b'"y":"0'),
        lambda share: share.replace(b'"x":2', b'"x":2,"z":1'),
        lambda share: manifest_bytes(a_manifest()),
        lambda share: b"",
    ],
)
def test_a_mistyped_share_names_its_member(bid: DealtBid, mistyped: Callable[[bytes], bytes]) -> None:
    share = mistyped(bid.given([2])["holder-2"])
    assert fault(lambda: check_share(bid.dealing, bid.sealed, "holder-2", share)) == ("share-malformed", "holder-2")


# The bidder's fault


@pytest.mark.parametrize("x", [1, 2, 3, 4, 5])
def test_one_share_off_the_polynomial_is_the_bidders_whichever_quorum_acts(bid: DealtBid, x: int) -> None:
    bid.redeal(x, altered(bid.share(x), y="11" * 32))
    for places in QUORUMS:
        assert fault(lambda places=places: bid.join(places)) == ("dealing-inconsistent", "")


def test_a_polynomial_of_too_high_a_degree_is_the_bidders(bid: DealtBid) -> None:
    steeper = shamir.split(bytes(32), 4, 5)
    for x in range(1, 6):
        bid.redeal(x, altered(bid.share(x), y=steeper[x - 1].hex()))
    for places in QUORUMS:
        assert fault(lambda places=places: bid.join(places)) == ("dealing-inconsistent", "")


def test_shares_of_another_identity_are_the_bidders(bid: DealtBid) -> None:
    for x, y in enumerate(shamir.split(bytes(range(32)), 3, 5), start=1):
        bid.redeal(x, altered(bid.share(x), y=y.hex()))
    for places in QUORUMS:
        assert fault(lambda places=places: bid.join(places)) == ("identity-differs", "")


@pytest.mark.parametrize("change", [{"member": "holder-1"}, {"x": 4}, {"tender": "2026-0001"}, {"round": 2}])
def test_a_share_dealt_for_something_else_is_the_bidders(bid: DealtBid, change: dict[str, object]) -> None:
    bid.redeal(3, altered(bid.share(3), **change))
    for places in QUORUMS:
        assert fault(lambda places=places: bid.join(places)) == ("dealing-inconsistent", "")


def test_a_commit_to_no_share_at_all_is_the_bidders_and_the_member_gives_nothing(bid: DealtBid) -> None:
    bid.redeal(3, b"not a share")
    assert refusal(lambda: bid.given([3])) == "share-unreadable"
    given = bid.given([1, 2]) | {"holder-3": b"not a share"}
    assert fault(lambda: join_shares(bid.dealing, bid.sealed, given)) == ("dealing-inconsistent", "")


def test_what_is_locked_to_somebody_else_or_breaks_its_commit_is_unreadable_and_the_others_open(bid: DealtBid) -> None:
    third = bid.sealed[2]
    to_stranger = encrypt(share_bytes(bid.share(3)), new_identity()[1])
    other_share = encrypt(altered(bid.share(3), y="22" * 32), bid.committee.keys[2].recipient)
    for ct in (to_stranger, other_share, b"no age file"):
        bid.sealed = (*bid.sealed[:2], sealed_again(third, ct=ct), *bid.sealed[3:])
        assert refusal(lambda: bid.given([3])) == "share-unreadable"
        assert bid.join([1, 2, 5]) == bid.identity


def test_shares_left_out_repeated_or_out_of_order_are_the_bidders(bid: DealtBid) -> None:
    one, two, *rest = bid.sealed
    for sealed in ([two, one, *rest], [one, two], [one, one, *rest], []):
        given = bid.given([1, 3, 4])
        assert refusal(lambda sealed=sealed, given=given: join_shares(bid.dealing, sealed, given)) == (
            "dealing-inconsistent"
        )


# The envelope and its roster


def test_an_envelope_names_m_n_and_the_roster_it_was_sealed_for(bid: DealtBid) -> None:
    roster = bid.committee.roster
    envelope = an_envelope(m=3, n=5, roster=roster_hash(roster), recipient=bid.recipient)
    assert parse_envelope(envelope_bytes(envelope)) == envelope
    assert Dealing.of(envelope, roster) == bid.dealing
    must_name_roster(an_envelope(), None)
    for wrong, holders in (
        (envelope, None),
        (envelope, COMMITTEES[2, 3].roster),
        (an_envelope(), roster),
        (msgspec.structs.replace(envelope, m=2), roster),
    ):
        assert refusal(lambda wrong=wrong, holders=holders: must_name_roster(wrong, holders)) == "roster-differs"


@pytest.mark.parametrize(
    "change",
    [
        {"m": 2, "n": 3},
        {"roster": "d" * 64},
        {"m": 1, "n": 3, "roster": "d" * 64},
        {"m": 4, "n": 3, "roster": "d" * 64},
        {"m": 0, "n": 3, "roster": "d" * 64},
        {"m": 2, "n": 16, "roster": "d" * 64},
    ],
)
def test_an_envelope_with_impossible_members_is_refused(change: dict[str, object]) -> None:
    assert refusal(lambda: parse_envelope(envelope_bytes(an_envelope(**change)))) == "members-malformed"
