"""/look: the house's tokens and every state of its parts on one page, for who builds and who judges pages."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template

from procurement.infra.tx import Tx
from procurement.infra.web.door import PUBLIC, access
from procurement.infra.web.pages import page
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused

OPENS = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
DIGESTS = [hashlib.sha256(f"seal {number}".encode()).hexdigest() for number in range(9)]
WRONG = {"title": "Fill this in.", "kind": "Choose one of the answers."}


class LookPages(Controller):
    include_in_schema = False

    @get("/look", opt=access(PUBLIC))
    async def look(self, tx: NamedDependency[Tx]) -> Template:
        return page("look.html", **samples())


def samples() -> dict[str, Any]:
    """What the page draws its parts with; nothing of it is real."""
    return {
        "moment": OPENS,
        "digests": DIGESTS,
        "price": Money(124_000_000, "EUR"),
        "wrong": Refused("form-invalid", "Some answers need another look.", status=422, fields=WRONG),
    }
