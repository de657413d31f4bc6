"""How long each proof of identity counts, by the real clock (ASVS 5.0: 7.3.1, 7.3.2, 7.5.3), and what is recorded."""

from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from procurement.identity.rules.scopes import Scope
from procurement.identity.rules.strength import ProvedBy
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused, invalid

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # a session's last use is written at most this often
CHALLENGE = timedelta(minutes=5)  # between the password and the second factor, between a question and its answer
REGISTRATION = timedelta(days=2)  # between what a newcomer typed and the link in the letter
RECOVERY = timedelta(minutes=30)
LONGEST_TOKEN = 365  # days an API token may live
RECOVERY_CODES = 10


class TokenIssued(Fact, frozen=True, kw_only=True):
    """An API token was made. The token itself is shown once and stored nowhere."""

    visible: ClassVar[Visible] = Visible.NEVER
    token: str  # its id
    person: str
    organisation: str
    expires_at: datetime
    scopes: list[Scope] | None = None  # None where nothing narrows its owner's roles


class OpenSession(msgspec.Struct, frozen=True):
    """A place where somebody is signed in, as its owner sees it; `provider` is the name of who vouched, "" for none."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    browser: str
    proved_by: ProvedBy
    provider: str


class ApiToken(msgspec.Struct, frozen=True):
    """A token as its owner sees it. `scopes` is null for one that may do whatever its owner may."""

    id: str
    label: str
    organisation: str
    scopes: tuple[Scope, ...] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def is_alive(*, last_seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether a session still counts: used within the idle time and before its absolute end."""
    return now < expires_at and now - last_seen_at < IDLE


def token_expiry(days: int, now: datetime) -> datetime:
    """When a token made now for `days` days ends. Refused("form-invalid") outside 1 to 365."""
    if not 1 <= days <= LONGEST_TOKEN:
        raise invalid("Check how long the token lives.", days=f"Choose 1 to {LONGEST_TOKEN} days.")
    return now + timedelta(days=days)


def sign_in_failed() -> Refused:
    """The same words for an unknown address, a wrong password and a disabled account (ASVS 6.3.8)."""
    return Refused(
        "sign-in-failed",
        "The e-mail address or the password is not right. Try again, or set a new password.",
        status=422,
    )


def code_refused() -> Refused:
    return Refused(
        "code-refused",
        "This code is not right, or it was used already. Wait for the next one and enter it within 30 seconds.",
        status=422,
        fields={"code": "Enter the code that your app shows now."},
    )


def link_dead(what: str, advice: str) -> Refused:
    """A link from an e-mail that was used, withdrawn or is too old; the same answer for one that never was."""
    return Refused(f"{what}-expired", f"This link does not work any more. {advice}", status=410)
