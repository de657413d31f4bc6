"""Random bids for a browser to seal, what their tender asks, and its key holders."""

import random
import secrets
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from procurement.bids.service.device import Asked
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.sealing import PART, Holder, HolderKey, Roster, new_holder_key, new_identity, sign_roster
from procurement.kernel.sealing.declarations import Statement
from procurement.kernel.sealing.schedule import Line

MB = 1_000_000
MOST = 16 * MB
EDGES = ((), (0,), (1,), (PART,), (PART + 1,), (2 * PART - 1, 0))
KEYHOLDER, KEYHOLDER_RECIPIENT = new_identity()
FINANCIAL_KEYHOLDER, FINANCIAL_RECIPIENT = new_identity()
LINES = (
    Line("item-1", "lot-1", Decimal("3.5")),
    Line("item-2", "lot-1", Decimal("16800")),
    Line("item-3", "lot-2", Decimal("1")),
)
STATEMENTS = (
    Statement("terms", "We offer on the terms of the tender: “all” of them."),
    Statement("käse", "Ünïcode \u2028 too"),
)
TYPED = ("12", "12.50", "1 240,5", "1,240.999999", "0", "007.10", "0.000001", "12\u202f345.1")


class File(msgspec.Struct):
    """A document of which the browser makes the bytes itself, from `seed`."""

    name: str
    seed: str
    size: int
    confidential: str

    @property
    def content(self) -> bytes:
        stream = Cipher(algorithms.AES(bytes.fromhex(self.seed)), modes.CTR(bytes(16))).encryptor()
        return stream.update(bytes(self.size))


def files_of(number: int, chance: random.Random) -> list[File]:
    """The documents of bid `number`: the odd sizes first, then any."""
    sizes = EDGES[number] if number < len(EDGES) else some_sizes(chance)
    return [
        File(
            f"paper {place}, №{number}.pdf",
            secrets.token_hex(16),
            size,
            chance.choice(("", "Trade secret: pages 3 and 4 “only”")),
        )
        for place, size in enumerate(sizes)
    ]


def some_sizes(chance: random.Random) -> list[int]:
    """Small ones as often as large ones, together at most MOST."""
    sizes: list[int] = []
    for _ in range(chance.randint(1, 3)):
        size = int(10 ** chance.uniform(0, 7.2))
        if sum(sizes) + size <= MOST:
            sizes.append(size)
    return sizes


def committee(tender: str, m: int, n: int) -> tuple[Roster, list[HolderKey]]:
    """A roster, and the keys of its holders in their order."""
    keys = [new_holder_key(f"{tender}-{place}") for place in range(n)]
    holders = tuple(
        Holder(id=key.holder, office=f"Büro {key.holder}", organisation="marrow", age=key.recipient, sign=key.sign)
        for key in keys
    )
    return Roster(tender=tender, level="S2", m=m, holders=holders), keys


def asked_of(
    number: int,
    roster: Roster | None,
    keys: list[HolderKey],
    *,
    two: bool = False,
    lines: tuple[Line, ...] = LINES,
) -> Asked:
    """What the tender of bid `number` asks, `two` kinds of envelopes or one; `keys` sign the roster."""
    return Asked(
        tender=f"2026-{number:04}",
        ocid=f"ocds-test-2026-{number:04}",
        revision=sha256_hex(b"as published"),
        recipient=KEYHOLDER_RECIPIENT,
        supplier="supplier",
        version=number + 1,
        level="S2" if roster else "S1",
        roster=roster,
        signatures={key.holder: sign_roster(key.private, roster) for key in keys} if roster else {},
        deadline=None,
        opening_at=datetime(2026, 11, 30, 21, tzinfo=UTC),
        now=datetime.now(UTC),
        currency="EUR",
        minor_digits=2,
        lines=lines,
        statements=STATEMENTS,
        needs_documents=False,
        part_size=PART,
        file_limit=2 * MOST,
        bid_limit=2 * MOST,
        most_files=5,
        may_submit=True,
        started=None,
        financial_recipient=FINANCIAL_RECIPIENT if two else "",
    )
