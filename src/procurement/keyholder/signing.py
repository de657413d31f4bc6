"""The keyholder's own signature, which the service can carry and cannot make.

It stands under what an opening is bound to, so that bidders' clients need not take the service's word for it, and under
how far the store has come, so that nobody can repeat to it what it never said.
"""

import secrets
from datetime import datetime

from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import PRACTICE, SignerKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_key import Opening, opening_key, sign_opening_key
from procurement.kernel.sealing.signing import must_be_signed, sign
from procurement.keyholder.store import Store

NAME = "keyholder"
SEED = 32  # bytes


class Signing:
    """`key` is made when the store has none yet: a new one, or one of before keyholders signed."""

    def __init__(self, store: Store) -> None:
        name = f"{NAME}{PRACTICE}practice" if store.sandbox else NAME
        self.key = SignerKey(name, _seed(store, name))

    def bound(self, opening: Opening, recipient: str, not_before: datetime) -> str:
        """Over the key of an opening and its time (base64)."""
        return sign_opening_key(self.key.private, opening_key(opening, recipient, not_before)).signature

    def stands(self, number: int, mark: str) -> str:
        """Over the journal's entry `number`, whose hash is `mark` (base64)."""
        return sign(self.key.private, _standing(number, mark))

    def must_have_said(self, number: int, mark: str, signature: str) -> None:
        """Refused("standing-unsigned", 422) unless `stands` gave this."""
        try:
            must_be_signed(self.key.private.public_key(), _standing(number, mark), signature)
        except Refused:
            detail = "This keyholder never said that it had come this far: nothing follows from it."
            raise Refused("standing-unsigned", detail, status=422) from None


def _standing(number: int, mark: str) -> bytes:
    return canonical({"type": "keyholder-stands/v1", "number": number, "mark": mark})


def _seed(store: Store, name: str) -> bytes:
    """Two processes that open an older store together end with the same key."""
    fresh = secrets.token_bytes(SEED)
    with store.together():
        held = store.one("SELECT seed FROM signing")
        if held is None:
            store.run("INSERT INTO signing VALUES (1, ?)", fresh.hex())
            store.note("signing key", str(SignerKey(name, fresh).verifier))
    return bytes.fromhex(held["seed"]) if held else fresh
