"""What a service sends a key holder at an opening, and the command that is used on it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner, Result
from promises import shown, told_of

from procurement.holders import offline
from procurement.holders.command import holder
from procurement.kernel import merkle
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import entry_hash, record_bytes
from procurement.kernel.ids import new_id
from procurement.kernel.sealing import age
from procurement.kernel.sealing.closing import closing_root
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.roster import Holder, Roster
from procurement.kernel.sealing.shares import deal
from procurement.keyholder.protocol import Evidence

WORDS = "five words that belong nowhere"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LOG = SignerKey("procurement.example/log", b"\7" * 32)
PRACTICE = SignerKey("procurement.example/log/sandbox-1", b"\7" * 32)
WITNESSES = [CosignerKey(f"witness.example/{number}", bytes([number]) * 32) for number in (1, 2)]
TENDER = "2026-0001"


def seat(key: HolderKey, office: str) -> Holder:
    half = offline.public_half(key)
    return Holder(id=half.holder, office=office, organisation="city", age=half.age, sign=half.sign)


BID, BIDS_KEY = age.new_identity()  # E, and its public half
OTHER = "cd" * 32  # the digest of another bid


def enveloped(recipient: str) -> tuple[str, str]:
    """An envelope's text and its digest; of all that stands in one only this is read here."""
    text = canonical({"kind": "single", "lot_group": "", "recipient": recipient})
    return text.decode(), sha256_hex(text)


ENVELOPE, DIGEST = enveloped(BIDS_KEY)
KEYS = [new_holder_key(new_id()) for _ in range(3)]
ROSTER = Roster(tender=TENDER, level="S2", m=2, holders=tuple(seat(key, f"Office {n}") for n, key in enumerate(KEYS)))


def closing(
    tender: str = TENDER, log: SignerKey = LOG, type_: str = "TenderClosed", bids: Sequence[str] = (DIGEST,),
    deadline: datetime = NOW, cosigners: Sequence[CosignerKey] = (), before: bytes = b"",
) -> Evidence:  # fmt: skip
    """A closing with bids of these digests, in a log of two entries."""
    count, root = closing_root(bids)
    fact = {"tender": tender, "bids": count, "root": root, "deadline": deadline}
    record = record_bytes(type_, NOW, "ocds-1", "system:closing", "city", fact)
    record = b"{" + before + record[1:]
    leaves = [merkle.leaf_hash(b"another"), merkle.leaf_hash(entry_hash(b"\1" * 32, record))]
    text = Checkpoint(log.verifier.name, 2, merkle.root(leaves)).text()
    note = log.sign(text) + "".join(one.cosign(text, NOW) for one in cosigners)
    return Evidence(record=record.decode(), salt="01" * 32, index=1, proof=(leaves[0].hex(),), checkpoint=note)


def wants(key: HolderKey, closed: Evidence | None = None, tender: str = TENDER) -> offline.Wanted:
    """What the service sends of one bid; the share inside is of `tender`."""
    sealed = deal(BID, msgspec.structs.replace(ROSTER, tender=tender))[KEYS.index(key)]
    return offline.Wanted(
        tender=TENDER, member=key.holder, opening_at=NOW, ledger=str(LOG.verifier), closing=closed or closing(),
        digests=[DIGEST], word=shown(told_of(TENDER, NOW), LOG),
        shares=[offline.Offered(digest=DIGEST, envelope=ENVELOPE, commit=sealed.commit, ct=sealed.ct)],
    )  # fmt: skip


def played(cosigners: Sequence[CosignerKey] = ()) -> offline.Wanted:
    """The same in a practice log."""
    made = wants(KEYS[0], closing(log=PRACTICE, cosigners=cosigners))
    word = shown(told_of(TENDER, NOW), PRACTICE, cosigners)
    return msgspec.structs.replace(made, ledger=str(PRACTICE.verifier), word=word)


def run(folder: Path, act: str, *rest: str, key: str = "key.age", **more: Any) -> Result:
    """The command, with a key file of the folder and its passphrase there."""
    options = ["--passphrase-file", str(folder / "passphrase")]
    return CliRunner().invoke(holder, [act, str(folder / key), *rest, *options], **more)
