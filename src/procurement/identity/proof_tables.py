"""What identity remembers of passkeys, providers and first visits. Only public keys: nothing here signs anybody in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class Passkey(Table):
    """A credential of WebAuthn. `suspected_at`: its counter went backwards, so there may be a copy of it."""

    __tablename__ = "passkey"
    __table_args__ = (Index("passkey_person", "person"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    label: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    suspected_at: Mapped[datetime | None]


class PasskeyChallenge(Table):
    """What an authenticator is asked to sign, once, for the browser that asked. `person` is null before sign-in."""

    __tablename__ = "passkey_challenge"
    __table_args__ = (Index("passkey_challenge_expires", "expires_at"),)

    challenge_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    browser_sha256: Mapped[bytes]
    person: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str]
    expires_at: Mapped[datetime]


class ProviderAccount(Table):
    """Somebody as a provider knows them. The subject is the provider's own number for a person, no name."""

    __tablename__ = "provider_account"
    __table_args__ = (Index("provider_account_person", "person"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    linked_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class ProviderVisit(Table):
    """Between leaving for the provider and coming back. `person` is set where somebody signed in proves it again."""

    __tablename__ = "provider_visit"
    __table_args__ = (Index("provider_visit_expires", "expires_at"),)

    state_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    browser_sha256: Mapped[bytes]
    provider: Mapped[str]
    person: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    nonce: Mapped[str]
    verifier: Mapped[str]
    next: Mapped[str]
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ProviderArrival(Table):
    """Somebody whom a provider vouches for and whom we do not know yet, until they confirm here who they are."""

    __tablename__ = "provider_arrival"
    __table_args__ = (
        Index("provider_arrival_expires", "expires_at"),
        CheckConstraint("email = lower(email)"),
    )

    token_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    provider: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    strong: Mapped[bool]
    expires_at: Mapped[datetime]


class KnownBrowser(Table):
    """A browser from which somebody signed in before: one from nowhere else is told to its owner."""

    __tablename__ = "known_browser"

    person: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    browser_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class RegistrationRow(Table):
    """What a newcomer typed, until the link in the letter is followed or too old. The token is made with the letter."""

    __tablename__ = "registration"
    __table_args__ = (Index("registration_expires", "expires_at"), CheckConstraint("email = lower(email)"))

    id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes | None] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    password_hash: Mapped[str]
    organisation: Mapped[str]
    country: Mapped[str]
    identifier_scheme: Mapped[str]
    identifier: Mapped[str]
    next: Mapped[str]
    expires_at: Mapped[datetime]
