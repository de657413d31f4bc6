"""What is taken from a provider's word about somebody, and what is not (OpenID Connect Core 1.0, §5)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec

from procurement.identity.rules import addresses
from procurement.identity.rules.strength import ProvedBy
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused

VISIT = timedelta(minutes=15)  # to sign in at the provider and come back
ARRIVAL = timedelta(minutes=30)  # to confirm here
SKEW = timedelta(minutes=1)


class ProviderLinked(Fact, frozen=True, kw_only=True):
    """From here on a provider's word signs this person in. The provider is named by its key in the settings."""

    visible: ClassVar[Visible] = Visible.NEVER
    person: str
    provider: str


class ProviderUnlinked(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.NEVER
    person: str
    provider: str


class Vouched(msgspec.Struct, frozen=True):
    """Somebody as a provider knows them. `email` is "" unless the provider says that it is theirs; `at` is when they
    proved it there, None where it does not say."""

    provider: str
    issuer: str
    subject: str
    name: str
    email: str
    strong: bool
    at: datetime | None

    @property
    def proved_by(self) -> ProvedBy:
        return proved_by(self.strong)


class Link(msgspec.Struct, frozen=True):
    """A provider that signs its owner in, as the owner sees it."""

    issuer: str
    linked_at: datetime
    last_used_at: datetime


def proved_by(strong: bool) -> ProvedBy:
    return ProvedBy.STRONG_PROVIDER if strong else ProvedBy.PROVIDER


def vouched(provider: str, claims: Mapping[str, Any], strong_acr: tuple[str, ...]) -> Vouched:
    """From verified claims. Refused("provider-refused") without a subject that can be kept."""
    subject, name = claims.get("sub"), claims.get("name")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or not subject.isprintable():
        raise Refused(
            "provider-refused", "The provider did not say who you are. Use another way to sign in.", status=422
        )
    at = claims.get("auth_time")
    return Vouched(
        provider=provider,
        issuer=str(claims["iss"]),
        subject=subject,
        name=_name(name) if isinstance(name, str) else "",
        email=_email(claims),
        strong=claims.get("acr") in strong_acr,
        at=datetime.fromtimestamp(at, UTC) if isinstance(at, int) and 0 <= at < 1 << 33 else None,
    )


def _email(claims: Mapping[str, Any]) -> str:
    typed = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(typed, str):
        return ""
    try:
        return addresses.email(typed)
    except Refused:
        return ""


def _name(typed: str) -> str:
    try:
        return addresses.name(typed)
    except Refused:
        return ""


def must_have_an_address(one: Vouched, title: str) -> None:
    """Refused("provider-no-address"): without one nobody could be told anything, nor recognised."""
    if not one.email:
        raise Refused(
            "provider-no-address",
            f"{title} did not confirm an e-mail address of yours. Confirm one there, or use another way to sign in.",
            status=422,
        )


def must_be_fresh(one: Vouched, begun_at: datetime) -> None:
    """Refused("provider-not-fresh") unless it was proved again, strongly, since it was asked for."""
    if not one.strong or one.at is None or one.at < begun_at - SKEW:
        raise Refused(
            "provider-not-fresh",
            "The provider did not ask you again as strongly as needed. Confirm in another way.",
            status=422,
        )


def must_be_theirs(email: str, account: str | None, proved: bool) -> None:
    """A provider is linked to the account of the same address only, and only once letters to it were answered.

    Otherwise whoever registered somebody else's address would be given that person's identity, or the reverse.
    Refused("provider-other-address"), Refused("address-unproven").
    """
    if email != account:
        raise Refused(
            "provider-other-address",
            "The provider knows you by another e-mail address than this account. Sign in to the account with that one.",
        )
    if not proved:
        raise Refused(
            "address-unproven",
            "This account never showed that its address is yours. Set a new password by the link in a letter, "
            "then come back and confirm.",
        )


def visit_over() -> Refused:
    return Refused(
        "provider-visit-expired",
        "This way in was used, took too long, or began in another browser. Start again from the sign-in page.",
        status=410,
    )


def other_person() -> Refused:
    return Refused("provider-refused", "The provider let somebody else in. Confirm in another way.", status=422)


def last_way() -> Refused:
    return Refused("last-way", "You could not sign in any more. Set a password or add a passkey first.")
