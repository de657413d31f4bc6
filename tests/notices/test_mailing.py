"""Copies by mail on a real server: refused for now, refused for good, returned later, and confirmed again."""

import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import asyncpg
import msgspec
import pytest
from aiosmtpd.controller import Controller
from tendering import Town
from test_notices_rules import DSN
from told import draft, extend

from procurement.desks import service as desks
from procurement.infra import mail
from procurement.infra.mail import Mail
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.refusal import Refused
from procurement.notices.service import bounces
from procurement.notices.service.mailing import send_waiting
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


class Server:
    """A mail server that answers each recipient as it is told."""

    def __init__(self) -> None:
        self.answer, self.got, self.senders = "250 OK", list[EmailMessage](), list[str]()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append(message)
        self.senders.append(envelope.mail_from)
        return "250 OK"


@pytest.fixture
def server() -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = Server()
    controller = Controller(one, hostname="127.0.0.1", port=port)
    controller.start()
    one.url = f"smtp://127.0.0.1:{port}"  # type: ignore[attr-defined]  # known once it listens
    yield one
    controller.stop()


@pytest.fixture
def smtp(server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mail:
    one = Mail.connect(msgspec.structs.replace(settings, smtp_url=server.url))  # type: ignore[attr-defined]
    monkeypatch.setattr(mail, "outgoing", lambda: one)
    return one


@pytest.fixture
async def waiting(database: Database, town: Town, tender: str, owner: asyncpg.Connection, smtp: Mail) -> str:
    """A letter that waits for Ines; its id."""
    await draft(owner, tender, town.harbour, town.ines.person)
    await extend(database, town, tender)
    while await handle_one(database):
        pass
    return str(await owner.fetchval("SELECT id FROM mail_copy WHERE sent_at IS NULL"))


async def test_a_letter_has_two_parts_an_id_for_ever_and_an_address_to_return_to(
    database: Database, waiting: str, server: Server, smtp: Mail, owner: asyncpg.Connection
) -> None:
    server.answer = "451 4.3.0 try again later"
    await send_waiting(database, smtp)
    row = await owner.fetchrow("SELECT * FROM mail_copy WHERE id = $1", waiting)
    assert row["attempts"] == 1 and row["failed_at"] is None and row["problem"] == "refused for now: 451"
    server.answer = "250 OK"
    await owner.execute("UPDATE mail_copy SET due_at = now()")
    await send_waiting(database, smtp)
    assert await send_waiting(database, smtp) == 0, "it is sent once"
    [message], [sender] = server.got, server.senders
    assert sender == f"bounce-{waiting}@test" and message["Message-ID"] == f"<{waiting}@test>"
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}
    assert "Resurfacing" not in message.as_string(), "what the message says does not travel by mail"


async def test_an_address_refused_for_good_gets_no_more_letters_until_its_owner_confirms_it(
    database: Database, town: Town, waiting: str, server: Server, smtp: Mail, owner: asyncpg.Connection
) -> None:
    server.answer = "550 5.1.1 no such user"
    await send_waiting(database, smtp)
    assert await owner.fetchval("SELECT problem FROM mail_copy WHERE id = $1", waiting) == "refused: 550"
    server.answer = "250 OK"
    async with database.begin(town.ines) as tx:
        assert not await bounces.reaches_me(tx)
        await bounces.ask_to_confirm(tx)
        with pytest.raises(Refused, match="on its way"):
            await bounces.ask_to_confirm(tx)
        assert "address-to-confirm" in {duty.what for duty in (await desks.desk(tx)).duties}
    await extend(database, town, (await owner.fetchval("SELECT id FROM tender")))
    while await handle_one(database):
        pass
    await send_waiting(database, smtp)
    [message] = server.got
    assert message["Subject"] == "Do letters reach you?", "nothing else goes to an address that refuses"
    link = message["Message-ID"].strip("<>").partition("@")[0]
    assert f"/mail/confirm/{link}" in message.as_string()
    async with database.begin(NOBODY) as tx:
        await bounces.confirm(tx, link)
    async with database.begin(town.ines) as tx:
        assert await bounces.reaches_me(tx)
        with pytest.raises(Refused, match="Letters reach you"):
            await bounces.ask_to_confirm(tx)


async def test_another_address_is_good_again(
    database: Database, town: Town, waiting: str, server: Server, smtp: Mail, owner: asyncpg.Connection
) -> None:
    server.answer = "550 5.1.1 no such user"
    await send_waiting(database, smtp)
    await owner.execute("UPDATE person SET email = 'ines.new@marrow.example' WHERE id = $1", town.ines.person)
    async with database.begin(town.ines) as tx:
        assert await bounces.reaches_me(tx)


async def test_a_letter_that_comes_back_later_marks_the_address(
    database: Database, town: Town, waiting: str, server: Server, smtp: Mail, owner: asyncpg.Connection
) -> None:
    await send_waiting(database, smtp)
    ours = DSN.replace("Ana@Marrow.Example", "ines@marrow.example")

    def report(**parts: str) -> EmailMessage:
        given = {"to": f"bounce-{waiting}@test", "action": "failed", "status": "5.1.1"} | parts
        message = email.message_from_string(ours.format(**given), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    async with database.begin(system("notices")) as tx:
        assert await bounces.take_in(tx, report(action="delayed", status="4.2.2")) == bounces.Taken(0, 0, 1)
        assert await bounces.take_in(tx, report(to="bounce-somebody0else@test")) == bounces.Taken(0, 1, 0)
        for _ in range(2):
            assert await bounces.take_in(tx, report()) == bounces.Taken(1, 0, 0)
    async with database.begin(town.ines) as tx:
        assert not await bounces.reaches_me(tx)
    assert await owner.fetchval("SELECT count(*) FROM mail_bounce") == 1


async def test_a_server_that_is_away_costs_nothing_but_time(
    database: Database, waiting: str, settings: Settings, owner: asyncpg.Connection
) -> None:
    away = Mail.connect(msgspec.structs.replace(settings, smtp_url="smtp://127.0.0.1:9"))
    await send_waiting(database, away)
    row = await owner.fetchrow("SELECT * FROM mail_copy WHERE id = $1", waiting)
    assert (row["attempts"], row["sent_at"], row["failed_at"]) == (1, None, None)
