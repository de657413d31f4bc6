"""Makes `sb1.json`: one double-locked bid with fixed seeds, for every program that speaks suite SB1.

`.venv/bin/python tests/kernel/sb1_vectors.py` writes it anew; only the age files in it are different each time.
`random` is what the splitting drew: 32 bytes for each of x¹ … x^(m-1).
"""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.sealing import (
    Challenge,
    Holder,
    HolderKey,
    Kit,
    Roster,
    bech32,
    deal,
    expected_answer,
    holder_key_bytes,
    kit_bytes,
    lock_identity,
    lock_shares,
    open_share,
    recipient_of,
    roster_bytes,
    roster_hash,
    seal_challenge,
    sign_roster,
)
from procurement.kernel.sealing.opening_key import Opening, opening_key, sign_opening_key
from procurement.kernel.sealing.possession import challenge_bytes
from procurement.kernel.sealing.roster import RosterSignature

FILE = Path(__file__).parent / "sb1.json"


def identity(name: str) -> str:
    return bech32.identity_of(bytes.fromhex(sha256_hex(f"sb1 identity {name}".encode())))


def made() -> dict[str, Any]:
    keys = [
        HolderKey(holder=f"holder-{x}", identity=identity(f"holder {x}"), seed=sha256_hex(f"sb1 seed {x}".encode()))
        for x in range(1, 6)
    ]
    offices = ("Head of internal audit", "Treasurer", "Notary of Märrow", 'The "Ombudsman"', "Clerk")
    holders = tuple(
        Holder(id=key.holder, office=office, organisation="marrow", age=key.recipient, sign=key.sign)
        for key, office in zip(keys, offices, strict=True)
    )
    roster = Roster(tender="2026-0418", level="S2", m=3, holders=holders)
    bid, keyholder = identity("bid"), identity("keyholder")
    drawn = [bytes.fromhex(sha256_hex(f"sb1 random {power}".encode())) for power in (1, 2)]
    feed: Iterator[bytes] = iter(drawn)
    dealt = deal(bid, roster, lot_group="lot-1", random=lambda _: next(feed))
    plain = [open_share(one, key.identity).decode() for one, key in zip(dealt, keys, strict=True)]
    challenge = Challenge(tender="2026-0418", member="holder-1", nonce=sha256_hex(b"sb1 nonce"))
    kit = Kit(
        tender="2026-0418", recipient=recipient_of(bid), identity=bid, digest=sha256_hex(b"sb1"), supplier="harbour",
        version=2,
    )  # fmt: skip
    signer = SignerKey("keyholder", bytes.fromhex(sha256_hex(b"sb1 keyholder")))
    opens = datetime(2026, 11, 30, 21, tzinfo=UTC)
    word = opening_key(Opening("2026-0418", "lot-1"), recipient_of(keyholder), opens)
    return {
        "bid": {"identity": bid, "recipient": recipient_of(bid), "secret": bech32.secret_of(bid).hex()},
        "keyholder": {"identity": keyholder, "recipient": recipient_of(keyholder)},
        "holder_keys": [holder_key_bytes(key).decode() for key in keys],
        "roster": roster_bytes(roster).decode(),
        "roster_hash": roster_hash(roster),
        "roster_statement": canonical(RosterSignature.over(roster)).decode(),
        "roster_signatures": {key.holder: sign_roster(key.private, roster) for key in keys},
        "random": [one.hex() for one in drawn],
        "shares": plain,
        "commits": [one.commit for one in dealt],
        "locked_s1": text(lock_identity(bid, recipient_of(keyholder))),
        "locked_s2": text(lock_shares(dealt, recipient_of(keyholder))),
        "challenge": challenge_bytes(challenge).decode(),
        "challenge_sealed": text(seal_challenge(challenge, keys[0].recipient)),
        "challenge_answer": expected_answer(challenge),
        "kit": kit_bytes(kit).decode(),
        "keyholder_key": str(signer.verifier),
        "opening_key": canonical(word).decode(),
        "opening_key_signature": sign_opening_key(signer.private, word).signature,
    }


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), indent=1, ensure_ascii=False) + "\n")
