"""Where the letters of a sandbox arrive, for everyone to read: nobody there is real."""

from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.pages import entry
from procurement.infra.mail import Mail
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.kernel.refusal import unknown


class MailboxPages(Controller):
    path = "/practice/mailbox"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def mailbox(self, tx: NamedDependency[Tx], mail: NamedDependency[Mail]) -> Response[Any]:
        entry.only_in_a_sandbox(tx)
        return page("identity/mailbox.html", letters=mail.mailbox.letters() if mail.mailbox else [])

    @get("/{name:str}", opt=access("public"))
    async def letter(self, tx: NamedDependency[Tx], mail: NamedDependency[Mail], name: FromPath[str]) -> Response[Any]:
        entry.only_in_a_sandbox(tx)
        found = mail.mailbox.letter(name) if mail.mailbox else None
        if found is None:
            raise unknown("letter")
        return page("identity/letter.html", letter=found)
