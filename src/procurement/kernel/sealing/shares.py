"""Shares of a bid's identity E: the bidder deals one to each holder, and any m of them give E back.

The commits (SHA-256 of each share's bytes) say whose fault it is when something is wrong. A share that fails its own
commit is its member's ("share-wrong" and its like, with the member's id in `fields`); when m shares keep theirs but the
values recomputed from them do not keep all n, the dealing itself is invalid ("dealing-inconsistent"), whichever members
act.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

import msgspec

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import age, bech32, shamir
from procurement.kernel.sealing.envelope import Envelope, must_name_roster
from procurement.kernel.sealing.roster import Roster
from procurement.kernel.sealing.strict import Base64, Name, Sha256, read_canonical

LIMIT = 4096  # bytes of a share
SEALED_LIMIT = 2 * LIMIT  # characters of one locked to its member

Kind = Literal["single", "technical", "financial"]


class Share(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member gives: `x` is their place in the roster, `y` (hex) the value there. `recipient` is E's public half:
    a share is of one bid only."""

    type: Literal["share/v1"] = "share/v1"
    tender: Name
    lot_group: Annotated[str, msgspec.Meta(max_length=200)] = ""
    kind: Kind = "single"
    round: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    recipient: Name
    member: Name
    x: Annotated[int, msgspec.Meta(ge=1, le=shamir.MOST)]
    y: Sha256


class SealedShare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member's share as the bidder dealt it: `ct` is base64 of an age file to the member's recipient."""

    member: Name
    commit: Sha256
    ct: Annotated[Base64, msgspec.Meta(max_length=SEALED_LIMIT)]


class Dealing(msgspec.Struct, frozen=True, kw_only=True):
    """What all shares of one bid have to agree with. `members` are in order of x = 1..n."""

    tender: str
    lot_group: str
    kind: Kind
    round: int
    recipient: str
    m: int
    members: tuple[str, ...]

    @classmethod
    def of(cls, envelope: Envelope, roster: Roster) -> Self:
        """Refused("roster-differs", 422) for an envelope that was sealed for another roster."""
        must_name_roster(envelope, roster)
        return cls(
            tender=envelope.tender,
            lot_group=envelope.lot_group,
            kind=envelope.kind,
            round=envelope.round,
            recipient=envelope.recipient,
            m=roster.m,
            members=roster.members,
        )

    def share(self, x: int, y: bytes) -> Share:
        """The share that the value `y` at place `x` makes."""
        return Share(
            tender=self.tender,
            lot_group=self.lot_group,
            kind=self.kind,
            round=self.round,
            recipient=self.recipient,
            member=self.members[x - 1],
            x=x,
            y=y.hex(),
        )


def share_bytes(share: Share) -> bytes:
    """The canonical bytes: what is encrypted, committed to and given."""
    return canonical(share)


def deal(identity: str, roster: Roster, *, lot_group: str = "", kind: Kind = "single", round: int = 1,
         random: shamir.Random = secrets.token_bytes) -> tuple[SealedShare, ...]:  # fmt: skip
    """One share of E for each holder, in order of x, locked to that holder. `random` is given for vectors only."""
    dealing = Dealing(
        tender=roster.tender,
        lot_group=lot_group,
        kind=kind,
        round=round,
        recipient=age.recipient_of(identity),
        m=roster.m,
        members=roster.members,
    )
    values = shamir.split(bech32.secret_of(identity), roster.m, roster.n, random)
    dealt = []
    for x, (holder, y) in enumerate(zip(roster.holders, values, strict=True), start=1):
        plain = share_bytes(dealing.share(x, y))
        sealed = base64.b64encode(age.encrypt(plain, holder.age)).decode()
        dealt.append(SealedShare(member=holder.id, commit=sha256_hex(plain), ct=sealed))
    return tuple(dealt)


def open_share(sealed: SealedShare, identity: str) -> bytes:
    """A member opens their share: the bytes to give. Refused("share-unreadable", 422) when the bidder did not lock to
    this member what the commit says: it is not given then, and the member is not to blame."""
    try:
        plain = age.decrypt(base64.b64decode(sealed.ct, validate=True), identity)
        parse_share(plain)
    except (Refused, ValueError):  # letters beyond ASCII are a ValueError of their own
        raise _unreadable() from None
    if sha256_hex(plain) != sealed.commit:
        raise _unreadable()
    return plain


def parse_share(data: bytes) -> Share:
    """Read a share strictly. Refused("share-malformed", 422)."""
    return read_canonical(data, Share, limit=LIMIT, code="share-malformed", what="The share")


def must_be_dealt(dealing: Dealing, sealed: Sequence[SealedShare]) -> None:
    """Refused("dealing-inconsistent", 422) unless there is one sealed share for each member, in order of x."""
    if tuple(one.member for one in sealed) != dealing.members:
        raise _inconsistent("its shares are not those of the roster's members")


def check_share(dealing: Dealing, sealed: Sequence[SealedShare], member: str, given: bytes) -> Share:
    """What `member` gave, once it is known to be what the bidder dealt to them.

    Refused, each 422: the member's fault, named in `fields`: "share-malformed", "share-foreign" (of another bid or
    member), "share-wrong"; the bidder's: "dealing-inconsistent".
    """
    must_be_dealt(dealing, sealed)
    fault = {"member": member}
    if member not in dealing.members:
        raise Refused("share-foreign", "Who gave this share holds no key here.", status=422, fields=fault)
    x = dealing.members.index(member) + 1
    kept = sha256_hex(given) == sealed[x - 1].commit
    try:
        share = parse_share(given)
    except Refused as no:
        if kept:
            raise _inconsistent("a share is malformed") from None
        raise Refused("share-malformed", no.detail, status=422, fields=fault) from None
    belongs = share == dealing.share(x, bytes.fromhex(share.y))
    if kept and not belongs:
        raise _inconsistent("a share belongs to something else")
    if not belongs:
        raise Refused("share-foreign", "This share is of another bid or member.", status=422, fields=fault)
    if not kept:
        raise Refused("share-wrong", "This is not the share that was dealt to this member.", status=422, fields=fault)
    return share


def join_shares(dealing: Dealing, sealed: Sequence[SealedShare], given: Mapping[str, bytes]) -> str:
    """E, from the shares that m or more members (id -> bytes) gave.

    Refused as `check_share`; ("shares-missing", 409) below m; ("dealing-inconsistent", 422) when the n shares do not
    lie on one polynomial; ("identity-differs", 422) when they do, but give another identity than the bid's.
    """
    checked = [check_share(dealing, sealed, member, data) for member, data in given.items()]
    if len(checked) < dealing.m:
        raise Refused("shares-missing", f"{dealing.m - len(checked)} more key holders have to give their shares.")
    points = {share.x: bytes.fromhex(share.y) for share in checked[: dealing.m]}
    for x, one in enumerate(sealed, start=1):
        y = shamir.evaluate(points, x)
        if sha256_hex(share_bytes(dealing.share(x, y))) != one.commit:
            raise _inconsistent("its shares do not fit each other")
    identity = bech32.identity_of(shamir.join(points))
    if age.recipient_of(identity) != dealing.recipient:
        raise Refused("identity-differs", "The shares give another identity than the bid was sealed to.", status=422)
    return identity


def _inconsistent(why: str) -> Refused:
    return Refused("dealing-inconsistent", f"The bidder's client dealt shares that cannot be used: {why}.", status=422)


def _unreadable() -> Refused:
    return Refused("share-unreadable", "The share in this bid cannot be read with your key.", status=422)
