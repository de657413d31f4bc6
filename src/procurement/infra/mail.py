"""Letters by e-mail: a plain-text and an HTML part, from templates.

With `smtp_url` they go to that server; without one they are put, as .eml files, into the mailbox in the data folder.
"""

import asyncio
import email
import email.policy
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

import msgspec
from jinja2 import Environment

from procurement.infra.web.templates import environment
from procurement.kernel.ids import new_id
from procurement.settings import Settings

PATIENCE = 20  # seconds a mail server has to answer
NEWEST = 200  # letters that the mailbox lists


class Letter(msgspec.Struct, frozen=True):
    """A letter in the mailbox, as the sandbox shows it."""

    name: str
    at: datetime
    to: str
    subject: str
    text: str


class Travel(msgspec.Struct, frozen=True, kw_only=True):
    """How a letter travels that may have to be told from others. `id` is its Message-ID, the same when it is sent
    again, and the address to which refusals return; `unsubscribe` the address at which one POST ends it (RFC 8058)."""

    id: str
    unsubscribe: str = ""


BOUNCES = "bounce-"  # what comes before a letter's id in the address to which refusals return


class Mailbox:
    """A folder of .eml files, named so that they sort by time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, message: EmailMessage, sender: str) -> None:
        message["Return-Path"] = f"<{sender}>"  # as the last server on a letter's way notes it
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sent = parsedate_to_datetime(message["Date"])
        name = f"{sent:%Y%m%dT%H%M%S}-{new_id()}"
        half = self.folder / f"{name}.part"
        half.write_bytes(message.as_bytes())
        half.rename(self.folder / f"{name}.eml")

    def forget(self, before: datetime) -> None:
        """Delete the letters of before that moment."""
        for path in self.folder.glob("*.eml"):
            if path.name < f"{before:%Y%m%dT%H%M%S}":
                path.unlink(missing_ok=True)

    def letters(self) -> list[Letter]:
        """The newest first."""
        names = sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)
        return [self._read(name) for name in names[:NEWEST]]

    def letter(self, name: str) -> Letter | None:
        known = name.replace("-", "").isalnum() and (self.folder / f"{name}.eml").exists()
        return self._read(name) if known else None

    def _read(self, name: str) -> Letter:
        content = (self.folder / f"{name}.eml").read_bytes()
        message = email.message_from_bytes(content, policy=email.policy.default)
        body = message.get_body(("plain",))
        at = parsedate_to_datetime(message["Date"])
        return Letter(name, at, message["To"], message["Subject"], body.get_content() if body else "")


class Mail:
    """Draws letters and delivers them. `mailbox` is the folder, or None when a mail server is configured."""

    def __init__(self, templates: Environment, base_url: str, deliver: Callable[[EmailMessage, str], None]) -> None:
        self.templates, self.base_url, self.deliver = templates, base_url, deliver
        self.host = urlsplit(base_url).hostname or "localhost"
        self.mailbox: Mailbox | None = None

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        if settings.smtp_url:
            return cls(environment(settings), settings.base_url, smtp(settings.smtp_url))
        mailbox = Mailbox(Path(settings.data) / "mail")
        mail = cls(environment(settings), settings.base_url, mailbox.put)
        mail.mailbox = mailbox
        return mail

    async def send(
        self, to: str, template: str, at: datetime, *, travel: Travel | None = None, **context: object
    ) -> None:
        """Send `<template>.txt` (its first line is the subject) and `<template>.html` to one address.

        Raises OSError or smtplib.SMTPException when the mail server does not take it: the job is then tried again.
        """
        message = self._write(to, template, at, context)
        sender = f"procurement@{self.host}"
        if travel:
            sender = f"{BOUNCES}{travel.id}@{self.host}"
            message.replace_header("Message-ID", f"<{travel.id}@{self.host}>")
        if travel and travel.unsubscribe:
            message["List-Unsubscribe"] = f"<{travel.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        await asyncio.to_thread(self.deliver, message, sender)

    def words(self, template: str, **context: object) -> tuple[str, str]:
        """A text template's first line, in one line, and the rest of it."""
        words = {"base_url": self.base_url, "refused": None, "typed": None, **context}
        first, _, rest = self.templates.get_template(f"{template}.txt").render(words).strip().partition("\n")
        return " ".join(first.split()), rest.strip()

    def _write(self, to: str, template: str, at: datetime, context: dict[str, object]) -> EmailMessage:
        words = {"base_url": self.base_url, "refused": None, "typed": None, **context}
        subject, text = self.words(template, **context)
        message = EmailMessage()
        message["From"] = f"procurement@{self.host}"
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = make_msgid(domain=self.host)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer from a holiday notice
        message.set_content(text + "\n")
        message.add_alternative(self.templates.get_template(f"{template}.html").render(words), subtype="html")
        return message


@cache
def outgoing() -> Mail:
    """The mail of this process, for jobs: they have no request to get it from."""
    return Mail.connect(Settings.read())


def smtp(url: str) -> Callable[[EmailMessage, str], None]:
    """Delivery to `smtp://` or `smtps://user:password@host:port`, from an address to which refusals return.

    A password is never sent in the clear.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "localhost", parts.scheme == "smtps"

    def deliver(message: EmailMessage, sender: str) -> None:
        trust = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=trust)
            if secure
            else smtplib.SMTP(host, parts.port or 587, timeout=PATIENCE)
        ) as server:
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=trust)
            elif not secure and parts.username:
                raise smtplib.SMTPNotSupportedError("the mail server offers no TLS, so no password is sent")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message, from_addr=sender)

    return deliver
