"""What identity remembers. Names and e-mail addresses of people are in `person` and `invitation` alone, and erasable.

Tokens, links and recovery codes are stored as SHA-256: they are long and random, so a copy of these tables opens
nothing. Passwords are Argon2id hashes. The one secret that must be readable is in `totp`, because a code can only be
checked by making it again; it has a table to itself, which no other database role than the application's may read.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class OrganisationRow(Table):
    __tablename__ = "organisation"
    __table_args__ = (
        Index(
            "organisation_identifier",
            "identifier_scheme",
            "identifier",
            unique=True,
            postgresql_where=text("identifier <> ''"),
        ),
        Index("organisation_institution", "name", "id", postgresql_where=text("kind <> 'supplier'")),
        Index("organisation_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    identifier_scheme: Mapped[str]
    identifier: Mapped[str]
    country: Mapped[str]
    created_at: Mapped[datetime]
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    merged_at: Mapped[datetime | None]


class Person(Table):
    """`fictional` people exist only in a sandbox, where anyone may sign in as them."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    email: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    fictional: Mapped[bool]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    email_proved_at: Mapped[datetime | None]


class Membership(Table):
    """One role of one person in one organisation, from `since` until it ended."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("membership_now", "person", "organisation", "role", unique=True, postgresql_where=text("until IS NULL")),
        Index("membership_organisation", "organisation", postgresql_where=text("until IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class WebSession(Table):
    """A browser that is signed in. `organisation` is the one acted for; all times are real ones.

    `proved_by` is the strongest proof that this session has seen; `provider` names who vouched, "" where nobody did.
    """

    __tablename__ = "web_session"
    __table_args__ = (Index("web_session_person", "person"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    stepped_up_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user_agent: Mapped[str]
    proved_by: Mapped[str] = mapped_column(server_default="password")
    provider: Mapped[str] = mapped_column(server_default="")


class SignInChallenge(Table):
    """The password was right; the second factor is still to come."""

    __tablename__ = "sign_in_challenge"
    __table_args__ = (Index("sign_in_challenge_person", "person"),)

    token_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Invitation(Table):
    """The token is made when the e-mail is sent, so it is never stored anywhere in the clear.

    `name` is what the inviter calls the person, "" where that is not known; `invited_by` is null where the installation
    itself invites its first administrators.
    """

    __tablename__ = "invitation"
    __table_args__ = (Index("invitation_organisation", "organisation"), CheckConstraint("email = lower(email)"))

    id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes | None] = mapped_column(unique=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    invited_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Recovery(Table):
    """A link to set a new password, sent by e-mail."""

    __tablename__ = "recovery"
    __table_args__ = (Index("recovery_person", "person"),)

    token_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Table):
    """Stands in for the authenticator app once."""

    __tablename__ = "recovery_code"

    person: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    code_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class ApiTokenRow(Table):
    """A personal bearer token for programs, acting for one organisation.

    `scopes` narrow what its owner's roles allow there; null narrows nothing.
    """

    __tablename__ = "api_token"
    __table_args__ = (Index("api_token_person", "person"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    scopes: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    label: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    stepped_up_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Totp(Table):
    """The secret shared with an authenticator app; `last_step` is the newest time step whose code was used."""

    __tablename__ = "totp"

    person: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int]


class KeptPerson(Table):
    """An account that may not be closed for now. `reason` is the id of what asks for it, such as a legal hold."""

    __tablename__ = "kept_person"
    __table_args__ = (Index("kept_person_person", "person"),)

    reason: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    since: Mapped[datetime]
