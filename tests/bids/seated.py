"""Key holders of a tender, enrolled, confirmed and frozen as the stage before leaves them."""

from dataclasses import dataclass, field

import asyncpg
from bidding import TENDER, Market

from procurement.kernel.canonical import sha256_hex
from procurement.kernel.ids import new_id
from procurement.kernel.sealing import (
    Dealing,
    Envelope,
    Holder,
    HolderKey,
    Roster,
    join_shares,
    new_identity,
    open_share,
    roster_bytes,
    sign_roster,
    unlock_shares,
)

LONG_AGO = "2026-01-01"


@dataclass
class Committee:
    """Any `m` of the keys open, together with the keyholder."""

    level: str
    m: int
    keys: list[HolderKey] = field(default_factory=list)

    @property
    def roster(self) -> Roster:
        holders = tuple(
            Holder(id=key.holder, office=f"Office {x}", organisation="marrow", age=key.recipient, sign=key.sign)
            for x, key in enumerate(self.keys, start=1)
        )
        return Roster(tender=TENDER, level=self.level, m=self.m, holders=holders)  # type: ignore[arg-type]  # S2 or S3

    def identity_of(self, envelope: Envelope, keyholder: str, places: tuple[int, ...]) -> str:
        """E, as the keyholder and the holders at these places (x = 1..n) give it back."""
        sealed = unlock_shares(envelope.locked_bytes(), keyholder)
        given = {self.keys[x - 1].holder: open_share(sealed[x - 1], self.keys[x - 1].identity) for x in places}
        return join_shares(Dealing.of(envelope, self.roster), sealed, given)


async def seat(owner: asyncpg.Connection, market: Market, level: str, m: int = 2, n: int = 3) -> Committee:
    """The committee of the tender, with every row that its life would have left."""
    committee = Committee(level, m)
    for number in range(n):
        person = new_id()
        await owner.execute(
            "INSERT INTO person (id, name, email, fictional, created_at) VALUES ($1, $2, $3, true, now())",
            person, f"Holder {number}", f"holder{number}@marrow.example",
        )  # fmt: skip
        key = HolderKey(holder=new_id(), identity=new_identity()[0], seed=f"{number:064x}")
        committee.keys.append(key)
        await owner.execute(
            """INSERT INTO key_holder (id, person_id, organisation, office, age, sign, fingerprint, enrolled_at,
                   proved_at, confirmed_by, confirmed_at, reason)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::timestamptz, $8::text::timestamptz, $9,
                   $8::text::timestamptz, '')""",
            key.holder, person, market.city, f"Office {number}", key.recipient, key.sign, sha256_hex(key.sign.encode()),
            LONG_AGO, market.olga,
        )  # fmt: skip
    content = roster_bytes(committee.roster)
    await owner.execute(
        """INSERT INTO roster (subject, process, buyer, title, level, quorum, sha256, content, asked_at)
           VALUES ($1, 'ocds-test', $2, 'Harbour Road', $3, $4, $5, $6, now())""",
        TENDER, market.city, level, m, sha256_hex(content), content,
    )  # fmt: skip
    for place, key in enumerate(committee.keys, start=1):
        await owner.execute(
            "INSERT INTO roster_seat VALUES ($1, $2, $3, $4, now())",
            TENDER, place, key.holder, sign_roster(key.private, committee.roster),
        )  # fmt: skip
    await owner.execute("UPDATE roster SET frozen_at = now(), opening_at = now() WHERE subject = $1", TENDER)
    return committee
