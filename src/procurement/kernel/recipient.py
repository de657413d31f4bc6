"""To whom something is encrypted: age keys (X25519), so that the tool `age` can also open it."""

from pyrage import (  # type: ignore[import-untyped]  # it ships no stubs
    IdentityError,
    RecipientError,
    x25519,
)


class BadKey(ValueError):
    """A key that is none. The message is for the person at the terminal."""


def recipient(text: str) -> x25519.Recipient:
    """The public half, `age1…`. BadKey otherwise."""
    try:
        return x25519.Recipient.from_str(text.strip())
    except RecipientError:
        raise BadKey(f"{text} is no age recipient: it begins with `age1`.") from None


def identity(text: str) -> x25519.Identity:
    """The first identity in the text of a key file, as `age-keygen` writes one. BadKey when there is none."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-")]
    try:
        return x25519.Identity.from_str(lines[0])
    except (IndexError, IdentityError):
        raise BadKey("The file holds no age identity: a line that begins with `AGE-SECRET-KEY-`.") from None


def key_file(made: x25519.Identity) -> str:
    """An identity as the text of a key file."""
    return f"# public key: {made.to_public()}\n{made}\n"
