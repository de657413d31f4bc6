"""The keyholder's own word on an opening: which key its bids are locked to, and before which moment none is given up.

The service carries it and cannot make it. A bidder's client that holds it against the keyholder's public key need not
believe the service in either.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.receipt import Moment, moment
from procurement.kernel.sealing.signing import must_be_signed, sign
from procurement.kernel.sealing.strict import Name

Short = Annotated[str, msgspec.Meta(max_length=200)]


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is opened together. `lot_group` is "" when that is the envelopes of all lots, or one that all lots share."""

    tender: Name
    lot_group: Short = ""
    kind: Short = "single"
    round: int = 1


class OpeningKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the keyholder signs, as RFC 8785 JSON: bids of `opening` are locked to `recipient` (age1…), whose identity
    gives up nothing before `not_before`, UTC to the microsecond. A later statement on the same opening replaces it."""

    type: Literal["opening-key/v1"] = "opening-key/v1"
    opening: Opening
    recipient: Name
    not_before: Moment

    @property
    def time(self) -> datetime:
        return datetime.strptime(self.not_before, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


class SignedOpeningKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The statement and the base64 Ed25519 signature over its canonical bytes."""

    statement: OpeningKey
    signature: Annotated[str, msgspec.Meta(max_length=88)]


def opening_key(opening: Opening, recipient: str, not_before: datetime) -> OpeningKey:
    return OpeningKey(opening=opening, recipient=recipient, not_before=moment(not_before))


def sign_opening_key(private: Ed25519PrivateKey, statement: OpeningKey) -> SignedOpeningKey:
    """Sign with the keyholder's own key."""
    return SignedOpeningKey(statement=statement, signature=sign(private, canonical(statement)))


def is_by(signed: SignedOpeningKey, key: VerifierKey) -> bool:
    """Whether this keyholder signed it."""
    try:
        must_be_signed(Ed25519PublicKey.from_public_bytes(key.key), canonical(signed.statement), signed.signature)
    except (Refused, ValueError):  # also for 32 bytes that are no key
        return False
    return True


def must_be_bound(
    signed: Sequence[SignedOpeningKey], key: VerifierKey, tender: str, recipients: Mapping[str, str], opens: datetime
) -> None:
    """Each kind of envelope of `tender` is locked to its recipient (`recipients`: kind -> age1…), and nothing of it is
    given up before `opens`: the keyholder of `key` signed so. Refused("opening-key-wrong", 422)."""
    if len(signed) != len(recipients):
        raise _wrong("the keyholder did not sign once for each envelope of a bid")
    for kind, recipient in recipients.items():
        said = [one for one in signed if one.statement.opening == Opening(tender, kind=kind)]
        if len(said) != 1:
            raise _wrong(f"the keyholder did not sign, once, for the envelopes “{kind}” of tender {tender}")
        _must_say(said[0], key, recipient, opens)


def _must_say(said: SignedOpeningKey, key: VerifierKey, recipient: str, opens: datetime) -> None:
    if not is_by(said, key):
        raise _wrong(f"it is not signed by {key.name} ({key.id.hex()})")
    if said.statement.recipient != recipient:
        raise _wrong("the keyholder signed for another key than bids would be sealed to")
    if said.statement.time < opens:
        raise _wrong(
            f"the keyholder keeps bids closed until {said.statement.not_before} only, and the published opening is "
            f"{moment(opens)}"
        )


def _wrong(why: str) -> Refused:
    return Refused("opening-key-wrong", f"The keyholder's word does not hold: {why}.", status=422)
