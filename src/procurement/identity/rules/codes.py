"""Time-based one-time codes (RFC 6238), each good once (ASVS 5.0: 6.5.1), and the recovery codes beside them."""

import secrets
from datetime import datetime

import pyotp

_WINDOW = 1  # steps of 30 s a clock may be off, either way
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps read them."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The time step whose code this is, or None. Steps up to `after` are spent: a code seen once is dead."""
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    typed = "".join(code.split())
    for step in range(current - _WINDOW, current + _WINDOW + 1):
        if step > after and secrets.compare_digest(typed.encode(), totp.generate_otp(step).encode()):
            return step
    return None


def uri(secret: str, *, email: str, issuer: str) -> str:
    """The address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def new_recovery_code() -> str:
    """About 79 random bits, in groups a person can copy: 4f7k-9mzp-..."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


def plain(recovery_code: str) -> str:
    """What is hashed: without the spaces, dashes and capitals of the person who types it."""
    return "".join(letter for letter in recovery_code.lower() if letter.isalnum())
