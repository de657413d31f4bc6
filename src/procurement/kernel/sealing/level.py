"""The lock of a bid at the level of its tender: what the envelope says of it."""

import base64

import msgspec

from procurement.kernel.sealing.lock import lock_identity, lock_shares
from procurement.kernel.sealing.roster import Roster, roster_hash
from procurement.kernel.sealing.shares import Kind, deal


class Lock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The envelope's fields of the same names; `locked` is base64. Without members at level S1."""

    m: int = 0
    n: int = 0
    roster: str = ""
    locked: str


def lock_for(identity: str, keyholder: str, roster: Roster | None, kind: Kind = "single", lot_group: str = "") -> Lock:
    """Lock E for the keyholder alone (S1, no roster), or its shares for the holders of the roster (S2, S3), who give
    those of each kind of envelope apart; of `lot_group`, where lots have an envelope each.

    That every holder signed the roster is for the caller to check (`check_all_signed`).
    """
    if roster is None:
        return Lock(locked=base64.b64encode(lock_identity(identity, keyholder)).decode())
    locked = lock_shares(deal(identity, roster, lot_group=lot_group, kind=kind), keyholder)
    return Lock(m=roster.m, n=roster.n, roster=roster_hash(roster), locked=base64.b64encode(locked).decode())
