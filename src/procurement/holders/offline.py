"""A key holder's own side, without a browser: the key file, and what the key is used for. It asks no service.

It decides by itself what it was given, as the page's script does: a challenge is never taken for a share, nor a share
for a challenge, and no share is opened before the record shows that bidding closed, and until when the keyholder keeps
bids closed, and before this device's clock has come to that time.
"""

from datetime import datetime

import msgspec
import pyrage  # type: ignore[import-untyped]  # it ships no stubs

from procurement.holders.passphrase import encrypt
from procurement.holders.promised import promised
from procurement.holders.rules.keys import PublicKey
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.checkpoint import PRACTICE, VerifierKey
from procurement.kernel.cosignature import Quorum
from procurement.kernel.entry import Record, read_record
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.closing import closing_root
from procurement.kernel.sealing.holder_key import HolderKey, holder_key_bytes, parse_holder_key
from procurement.kernel.sealing.opening_record import Word
from procurement.kernel.sealing.roster import Roster, parse_roster, sign_roster
from procurement.kernel.sealing.shares import SealedShare, open_share, parse_share
from procurement.keyholder.protocol import FINANCIAL, Evidence, Moment, Opening
from procurement.keyholder.rules import leaf_of, must_be_in_ledger, must_have_passed

LEAST = 16  # characters of a passphrase
NOBODY = Quorum()


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A bid's share for this holder: see `opening.service.WantedShare`."""

    digest: str
    envelope: str
    commit: str
    ct: str

    @property
    def named(self) -> "_Named":
        """What the envelope says of itself. Refused("closing-unproven", 422) for an envelope that is not the one that
        the closing fixed."""
        if sha256_hex(self.envelope.encode()) != self.digest:
            raise _unproven("An envelope is not the one that the closing fixed.")
        try:
            return msgspec.json.decode(self.envelope, type=_Named)
        except msgspec.MsgspecError:
            raise _unproven("An envelope cannot be read.") from None


class _Named(msgspec.Struct, frozen=True):
    """What is read of an envelope here: its own key, its kind, and its lot, where each lot has one."""

    recipient: str
    kind: str
    lot_group: str = ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the service gives a holder at the opening; `ledger` is the record's public key (C2SP verifier key),
    `digests` those of all envelopes that the closing fixed. `decision` is there when financial envelopes are opened:
    of those who passed the technical evaluation. `word` are the entries that name the keyholder's key, and what it
    signed of this tender."""

    tender: str
    member: str
    opening_at: Moment
    ledger: str
    closing: Evidence
    digests: list[str]
    shares: list[Offered]
    decision: Evidence | None = None
    word: list[Evidence] = []


class Given(msgspec.Struct, frozen=True):
    """The share's canonical text, "" for one that cannot be read."""

    digest: str
    share: str


def lock(key: HolderKey, passphrase: str) -> bytes:
    """The key file: an age passphrase file. Refused("passphrase-short", 422)."""
    if len(passphrase) < LEAST:
        raise Refused("passphrase-short", f"A passphrase has at least {LEAST} characters.", status=422)
    return encrypt(holder_key_bytes(key), passphrase)


def unlock(file: bytes, passphrase: str) -> HolderKey:
    """Refused("holder-key-malformed", 422) for another passphrase, and for what is no key file."""
    try:
        plain = pyrage.passphrase.decrypt(file, passphrase)
    except pyrage.DecryptError:
        raise Refused("holder-key-malformed", "This is no key file, or another passphrase.", status=422) from None
    return parse_holder_key(plain)


def public_half(key: HolderKey) -> PublicKey:
    return PublicKey(holder=key.holder, age=key.recipient, sign=key.sign)


def signature(key: HolderKey, content: bytes) -> tuple[Roster, str]:
    """The roster that was read, and the signature over it. Refused("roster-malformed", 422), ("not-in-roster", 404)
    for one that does not name this very key."""
    roster = parse_roster(content)
    half = public_half(key)
    if not any((one.id, one.age, one.sign) == (half.holder, half.age, half.sign) for one in roster.holders):
        raise Refused("not-in-roster", "This roster does not name the key in this file.", status=404)
    return roster, sign_roster(key.private, roster)


class Closed(msgspec.Struct, frozen=True):
    """What a holder reads before anything is opened: of which log and procurement the closing is, its deadline, and
    what the keyholder says of the opening."""

    log: str
    process: str
    deadline: datetime
    word: Word


def closed(
    wanted: Wanted, ledger: str, keyholder: str = "", witnesses: Quorum = NOBODY, *, practice: bool = False
) -> Closed:
    """What the signed record says of the closing. `ledger` is its key as the holder knows it, `keyholder` the
    keyholder's, "" for the one that the record names; `witnesses` have to have cosigned all that counts. `practice` is
    true of no log that is not named as one.

    Refused("closing-unproven", 422), ("checkpoint-unwitnessed"), ("opening-key-wrong", 422).
    """
    try:
        verifier = VerifierKey.parse(ledger)
        record = read_record(wanted.closing.record.encode())
        deadline = msgspec.convert(record.fact.get("deadline"), Moment)
    except ValueError as wrong:
        raise _unproven(f"What was sent proves no closing: {wrong}.") from None
    if practice and PRACTICE not in verifier.name:
        raise _unproven(f"{verifier.name} is no practice log, so this device's clock counts.")
    for evidence in (wanted.closing, wanted.decision):
        if evidence is not None:
            must_be_in_ledger(evidence, verifier, verifier.name)
            witnesses.must_have_cosigned(evidence.checkpoint)
    _must_close(wanted, record)
    if wanted.decision is not None:
        _must_have_passed(wanted, wanted.decision)
    word = promised(wanted.word, wanted.tender, wanted.opening_at, verifier, keyholder, witnesses)
    return Closed(verifier.name, record.process, deadline, word)


def shares(
    key: HolderKey,
    wanted: Wanted,
    ledger: str,
    now: datetime | None,
    keyholder: str = "",
    witnesses: Quorum = NOBODY,
) -> list[Given]:
    """What is given of all that is wanted. `now` is this device's clock, None in a practice service, whose legal clock
    is moved; the others are those of `closed`.

    Refused("share-foreign", 422) for what is wanted of another member, ("too-early"), and as `closed`.
    """
    if wanted.member != key.holder:
        raise Refused("share-foreign", "These shares are for another key holder.", status=422)
    proven = closed(wanted, ledger, keyholder, witnesses, practice=now is None)
    due = max(wanted.opening_at, proven.deadline, proven.word.until)  # sent, in a hidden fact, and for all to read
    if now is not None and now < due:
        raise Refused("too-early", f"By this clock the opening time has not come: {due.isoformat()}.")
    named = [one.named for one in wanted.shares]  # of every envelope, before any share is opened
    if any((said.kind == FINANCIAL) is (wanted.decision is None) for said in named):
        raise _unproven("Prices are opened after the technical decision, and nothing else is then.")
    return [
        Given(one.digest, _share(key, wanted.tender, one, said)) for one, said in zip(wanted.shares, named, strict=True)
    ]


def _must_close(wanted: Wanted, record: Record) -> None:
    if (record.type, record.fact.get("tender")) != ("TenderClosed", wanted.tender):
        raise _unproven("The record is not the closing of this tender.")
    fixed, asked = set(wanted.digests), [one.digest for one in wanted.shares]
    whole = len(fixed) == len(wanted.digests) and len(set(asked)) == len(asked) and fixed.issuperset(asked)
    if not whole or (record.fact.get("bids"), record.fact.get("root")) != closing_root(wanted.digests):
        raise _unproven("These are not the bids that the closing fixed.")


def _must_have_passed(wanted: Wanted, evidence: Evidence) -> None:
    """The record decides, for this very closing, that exactly these financial envelopes may be opened."""
    fixed, asked = set(wanted.digests), [one.digest for one in wanted.shares]
    try:
        opening = Opening(wanted.tender, kind=FINANCIAL)
        must_have_passed(evidence, opening, _passed(evidence), leaf_of(wanted.closing), fixed)
    except Refused as no:
        raise _unproven(no.detail) from None
    if not set(asked) <= set(_passed(evidence)):
        raise _unproven("These are not the prices of those who passed.")


def _passed(evidence: Evidence) -> list[str]:
    try:
        return msgspec.convert(read_record(evidence.record.encode()).fact.get("passed"), list[str])
    except ValueError:
        raise _unproven("What was sent proves no technical decision.") from None


def _unproven(why: str) -> Refused:
    return Refused("closing-unproven", why, status=422)


def _share(key: HolderKey, tender: str, one: Offered, said: _Named) -> str:
    """The share of that envelope, dealt to this member, and the one that the bidder committed to; else ""."""
    try:
        plain = open_share(SealedShare(member=key.holder, commit=one.commit, ct=one.ct), key.identity)
        share = parse_share(plain)
    except Refused:
        return ""
    bound = share.tender, share.member, share.recipient, share.kind, share.lot_group
    ours = bound == (tender, key.holder, said.recipient, said.kind, said.lot_group)
    return plain.decode() if ours and sha256_hex(plain) == one.commit else ""
