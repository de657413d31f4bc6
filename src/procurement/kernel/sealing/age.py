"""age v1 files to one X25519 recipient (C2SP age.md): the only encryption of suite SB1.

Recipients are Bech32 strings `age1…`, identities `AGE-SECRET-KEY-1…`. Passphrase (scrypt) files are refused before
anything is computed: their work factor is chosen by whoever made them.
"""

import pyrage  # type: ignore[import-untyped]  # it ships no stubs

from procurement.kernel.refusal import Refused

MAGIC = b"age-encryption.org/v1\n"
HEADER_LIMIT = 4096  # bytes; one X25519 stanza and a grease stanza take about 250


def new_identity() -> tuple[str, str]:
    """A fresh (identity, recipient)."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def recipient_of(identity: str) -> str:
    """The public half of an identity. Refused("identity-malformed") for anything else."""
    return str(_identity(identity).to_public())


def must_be_recipient(recipient: str) -> None:
    """Refused("recipient-malformed", 422) unless this is an age X25519 recipient in its one spelling: in capitals it
    would be the same key, and look like another one."""
    if str(_recipient(recipient)) != recipient:
        raise _no_recipient()


def encrypt(data: bytes, recipient: str) -> bytes:
    """One binary age file: `data` plus about 0.03 % and 200 bytes."""
    sealed: bytes = pyrage.encrypt(data, [_recipient(recipient)])
    return sealed


def decrypt(data: bytes, identity: str) -> bytes:
    """The plaintext. Refused("seal-malformed") for what is no binary age file or has a passphrase;
    Refused("seal-broken") when the identity does not open it or a byte was changed."""
    must_be_plain_age(data)
    try:
        plain: bytes = pyrage.decrypt(data, [_identity(identity)])
    except pyrage.DecryptError as wrong:
        raise Refused("seal-broken", f"This sealed part does not open: {wrong}.", status=422) from None
    return plain


def must_be_plain_age(data: bytes) -> None:
    """Refused("seal-malformed", 422) unless `data` begins like a binary age file without a passphrase stanza."""
    header = data[:HEADER_LIMIT].partition(b"\n--- ")
    if not data.startswith(MAGIC) or not header[1]:
        raise Refused("seal-malformed", "A sealed part has to be a binary age file.", status=422)
    if any(line.startswith(b"-> scrypt") for line in header[0].split(b"\n")):
        raise Refused("seal-malformed", "A sealed part locked with a passphrase is not accepted.", status=422)


def _identity(text: str) -> pyrage.x25519.Identity:
    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError:
        raise Refused("identity-malformed", "This is not an age identity.", status=422) from None


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise _no_recipient() from None


def _no_recipient() -> Refused:
    return Refused("recipient-malformed", "This is not an age X25519 recipient.", status=422)
