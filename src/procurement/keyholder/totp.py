"""Six-digit codes by time (RFC 6238, SHA-1, 30 s), as authenticator apps make them."""

import secrets

import pyotp

STEP = 30  # seconds
DRIFT = 1  # steps before and after that are still taken
SECRET = 32  # base32 characters: 160 bits, as RFC 4226 recommends


def new_secret() -> str:
    return pyotp.random_base32(SECRET)


def step_at(timestamp: float) -> int:
    return int(timestamp) // STEP


def code_at(secret: str, step: int) -> str:
    """The code of a time step."""
    return pyotp.TOTP(secret).at(step * STEP)


def matching_step(secret: str, code: str, timestamps: tuple[float, ...]) -> int | None:
    """The step, within the drift of one of the clocks, whose code this is."""
    steps = [step_at(timestamp) + drift for timestamp in timestamps for drift in range(-DRIFT, DRIFT + 1)]
    return next((step for step in steps if secrets.compare_digest(code_at(secret, step), code)), None)


def uri(secret: str, label: str, issuer: str) -> str:
    """What an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=issuer)
