"""The public half of a holder's key, as their own device gives it, and the fingerprint that two people compare."""

import re

import msgspec

from procurement.holders.rules.facts import KeyHolderConfirmed, KeyHolderEnded, KeyHolderEnrolled
from procurement.holders.rules.model import Holder, State
from procurement.kernel.refusal import Refused, invalid
from procurement.kernel.sealing import age, holder_fingerprint, signing_key

LONGEST_OFFICE = 120  # characters
LEAST_REASON, MOST_REASON = 5, 500  # characters
READ_OUT = 32  # hexadecimal figures of a fingerprint that are read out: 128 bits
GROUP = 4
_ID = re.compile(r"[a-z2-7]{16}\Z")


class PublicKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What leaves the holder's device: `holder` is the key's id, made there (16 base32 characters); `age` and `sign`
    are the public halves."""

    holder: str
    age: str
    sign: str


def parse_public(text: str) -> PublicKey:
    """The JSON that the page's script, or `procurement holder new`, writes. Refused("form-invalid") for `key`."""
    try:
        key = msgspec.json.decode(text, type=PublicKey)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise _wrong("Paste all that `procurement holder new` printed.") from None
    must_be_key(key)
    return key


def must_be_key(key: PublicKey) -> None:
    """Refused("form-invalid") unless these are the public halves of a holder's key."""
    if not _ID.match(key.holder):
        raise _wrong("The key has no proper id.")
    try:
        age.must_be_recipient(key.age)
        signing_key(key.sign)
    except (Refused, ValueError):
        raise _wrong("These are not the public halves of a key.") from None


def fingerprint(key: PublicKey) -> str:
    """See kernel.sealing.holder_fingerprint."""
    return holder_fingerprint(key.holder, key.age, key.sign)


def read_out(mark: str) -> str:
    """The part of a fingerprint that people read to each other, in groups of four."""
    return " ".join(mark[start : start + GROUP] for start in range(0, READ_OUT, GROUP))


def office(typed: str) -> str:
    """Refused("form-invalid"): an office is a line of words."""
    words = " ".join(typed.split())
    if not 3 <= len(words) <= LONGEST_OFFICE or not words.isprintable():
        raise invalid(
            "Say in which office the key is held.",
            office=f"Write the office in 3 to {LONGEST_OFFICE} characters, as “Head of internal audit”.",
        )
    return words


def enrolled(holder: Holder) -> KeyHolderEnrolled:
    """What is recorded once the holder has shown that the key works."""
    return KeyHolderEnrolled(
        holder=holder.id,
        organisation=holder.organisation,
        office=holder.office,
        age=holder.age,
        sign=holder.sign,
        fingerprint=holder.fingerprint,
    )


def confirm(holder: Holder, typed: str) -> KeyHolderConfirmed:
    """A second person typed what the holder read out.

    Refused("key-holder-unproved"), ("key-holder-confirmed"), ("key-holder-ended"), ("fingerprint-differs", 422).
    """
    must_not_be_ended(holder)
    if holder.state is State.UNPROVED:
        raise Refused("key-holder-unproved", "The holder has not yet shown that the key works. They do that first.")
    if holder.state is State.CONFIRMED:
        raise Refused("key-holder-confirmed", "A second person has confirmed this key already.")
    figures = re.sub(r"[\s-]", "", typed).lower()
    if figures not in (holder.fingerprint[:READ_OUT], holder.fingerprint):
        raise Refused(
            "fingerprint-differs",
            "What you typed is not the fingerprint of this key. Ask the holder to read it once more from their own "
            "device. If it still differs, do not confirm: end the key, and let the holder make a new one.",
            status=422,
            fields={"fingerprint": "Type the eight groups as the holder reads them from their device."},
        )
    return KeyHolderConfirmed(holder=holder.id, organisation=holder.organisation, fingerprint=holder.fingerprint)


def end(holder: Holder, reason: str) -> KeyHolderEnded:
    """Refused("key-holder-ended"), ("form-invalid") without a reason."""
    must_not_be_ended(holder)
    words = " ".join(reason.split())
    if not LEAST_REASON <= len(words) <= MOST_REASON:
        raise invalid("Give the reason.", reason=f"Write the reason in {LEAST_REASON} to {MOST_REASON} characters.")
    return KeyHolderEnded(holder=holder.id, organisation=holder.organisation, reason=words)


def must_not_be_ended(holder: Holder) -> None:
    if holder.state is State.ENDED:
        raise Refused("key-holder-ended", "This key is no longer used. Its holder makes a new one.")


def _wrong(problem: str) -> Refused:
    return invalid("The key needs another look.", key=problem)
