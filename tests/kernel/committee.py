"""Key holders with their keys, and a bid dealt to them."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence

import msgspec

from procurement.kernel.sealing import (
    Dealing,
    Holder,
    HolderKey,
    Roster,
    SealedShare,
    Share,
    deal,
    join_shares,
    new_identity,
    open_share,
    parse_share,
    share_bytes,
)
from procurement.kernel.sealing.age import encrypt

TENDER = "2026-0418"
OFFICES = (
    "Head of internal audit",
    "City treasurer",
    "Notary of Marrow",
    "Registrar",
    "Ombudsman",
    "Clerk",
    "Archivist",
)


def seed(*words: object) -> str:
    """32 bytes in hex, the same each time: so that a failure can be repeated."""
    return hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


class Committee:
    """`m` of `n` holders. `keys` are theirs, in order of x."""

    def __init__(self, m: int, n: int, tender: str = TENDER) -> None:
        self.keys = [HolderKey(holder=f"holder-{x}", identity=new_identity()[0], seed=seed(x)) for x in range(1, n + 1)]
        holders = tuple(
            Holder(id=key.holder, office=OFFICES[x % 7], organisation="marrow", age=key.recipient, sign=key.sign)
            for x, key in enumerate(self.keys)
        )
        self.roster = Roster(tender=tender, level="S2", m=m, holders=holders)


class DealtBid:
    """A bid's identity, dealt to a committee. A test may spoil `sealed`, or what a member gives."""

    def __init__(self, committee: Committee) -> None:
        self.committee = committee
        self.identity, self.recipient = new_identity()
        self.sealed: tuple[SealedShare, ...] = deal(self.identity, committee.roster)
        roster = committee.roster
        self.dealing = Dealing(
            tender=roster.tender, lot_group="", kind="single", round=1, recipient=self.recipient, m=roster.m,
            members=roster.members,
        )  # fmt: skip

    def given(self, places: Sequence[int]) -> dict[str, bytes]:
        """What the members at these places (x = 1..n) give."""
        keys = [self.committee.keys[x - 1] for x in places]
        return {key.holder: open_share(self.sealed[x - 1], key.identity) for x, key in zip(places, keys, strict=True)}

    def share(self, x: int) -> Share:
        return parse_share(self.given([x])[self.committee.keys[x - 1].holder])

    def join(self, places: Sequence[int]) -> str:
        return join_shares(self.dealing, self.sealed, self.given(places))

    def redeal(self, x: int, plain: bytes) -> None:
        """The bidder deals something else to the member at `x`, and commits to it."""
        ct = encrypt(plain, self.committee.keys[x - 1].recipient)
        dealt = sealed_again(self.sealed[x - 1], commit=hashlib.sha256(plain).hexdigest(), ct=ct)
        self.sealed = (*self.sealed[: x - 1], dealt, *self.sealed[x:])


def sealed_again(one: SealedShare, *, commit: str = "", ct: bytes = b"") -> SealedShare:
    """A sealed share with another commit or content."""
    changed = msgspec.structs.replace(one, ct=b64encode(ct).decode()) if ct else one
    return msgspec.structs.replace(changed, commit=commit) if commit else changed


def altered(share: Share, **changes: object) -> bytes:
    return share_bytes(msgspec.structs.replace(share, **changes))
