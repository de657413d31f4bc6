"""Letters: two parts, one address, to a server or into a folder."""

import asyncio
import email
import email.policy
import smtplib
import socket
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller

from procurement.infra.mail import Mail, smtp
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
WORDS = {
    "link": "http://test/invitations/abc",
    "organisation": "Quay & Sons\r\nBcc: eve@marrow.example",
    "invited_by": "Ines <Duarte>",
    "expires_at": NOON,
}


async def test_without_a_mail_server_letters_lie_in_the_data_folder(tmp_path: Path) -> None:
    mail = Mail.connect(Settings(data=str(tmp_path), base_url="https://procurement.example"))
    await mail.send("ana@marrow.example", "identity/mail/invitation", NOON, **WORDS)
    assert mail.mailbox
    [letter] = mail.mailbox.letters()
    assert (letter.to, letter.at) == ("ana@marrow.example", NOON)
    assert (
        "Quay & Sons" in letter.text and "Ines <Duarte>" in letter.text and "http://test/invitations/abc" in letter.text
    )
    assert mail.mailbox.letter(letter.name) == letter
    assert mail.mailbox.letter("../keys") is None and mail.mailbox.letter("nothing") is None
    content = (tmp_path / "mail" / f"{letter.name}.eml").read_bytes()
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["Bcc"] is None and "\n" not in message["Subject"]
    assert message["From"] == "procurement@procurement.example"
    html = message.get_body(("html",))
    assert html and "Ines &lt;Duarte&gt;" in html.get_content()


class Inbox:
    def __init__(self) -> None:
        self.got: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.got.append((envelope.rcpt_tos[0], message))
        return "250 OK"


@pytest.fixture
def inbox() -> Any:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Inbox(), hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


async def test_with_a_mail_server_they_go_there(inbox: Controller, tmp_path: Path) -> None:
    mail = Mail.connect(Settings(data=str(tmp_path), smtp_url=f"smtp://127.0.0.1:{inbox.port}"))
    await mail.send("ana@marrow.example", "identity/mail/recovery", NOON, link="http://test/recover/abc")
    [(to, message)] = inbox.handler.got
    assert (to, message["Subject"]) == ("ana@marrow.example", "Set a new password")
    assert mail.mailbox is None


async def test_a_password_is_never_sent_in_the_clear(inbox: Controller) -> None:
    deliver = smtp(f"smtp://clerk:secret@127.0.0.1:{inbox.port}")
    message = EmailMessage()
    message["To"] = message["From"] = "ana@marrow.example"
    with pytest.raises(smtplib.SMTPNotSupportedError):
        await asyncio.to_thread(deliver, message, "procurement@marrow.example")
    assert not inbox.handler.got


async def test_a_server_that_does_not_answer_is_an_error_so_that_the_job_is_tried_again() -> None:
    mail = Mail.connect(msgspec.structs.replace(Settings(), smtp_url="smtp://127.0.0.1:9"))
    with pytest.raises(OSError):
        await mail.send("ana@marrow.example", "identity/mail/recovery", NOON, link="x")
