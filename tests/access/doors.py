"""Asking at every door: people with sessions and tokens, objects by name, and a database that forgets each answer."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from matrix import COLUMNS, answer_of
from sqlalchemy import text

from procurement.identity import service as identity
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import sessions, tokens
from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database, Tx
from procurement.infra.web import csrf
from procurement.kernel.actor import Actor, system
from procurement.kernel.permissions import Role
from procurement.settings import Settings

TENDERS = {
    "draft": "Electric patient transport%", "submitted": "School meals%", "open": "Resurfacing of Harbour%",
    "closed": "Point-of-care%", "evaluating": "Drainage and paving%", "announced": "Road markings%",
    "contracted": "Replacement of 212%", "unsuccessful": "Audit of the pension%",
}  # fmt: skip
OF = {"award": "announced", "charge": "open", "contract": "contracted"}  # whose tender is meant where none is named
HERE = "(SELECT id FROM tender WHERE title LIKE '{}')"
OBJECTS = {
    "award": "SELECT id FROM award WHERE tender_id = " + HERE.format(TENDERS["announced"]),
    "bid": "SELECT b.id FROM bid b JOIN organisation s ON s.id = b.supplier_id WHERE s.name LIKE 'Adler%' "
    "AND tender_id = " + HERE.format(TENDERS["evaluating"]),
    "buyer": "SELECT id FROM organisation WHERE name = 'City of Marrow'",
    "charge": "SELECT c.id FROM charge c JOIN organisation s ON s.id = c.payer WHERE s.name LIKE 'Adler%' "
    "AND subject = " + HERE.format(TENDERS["open"]),
    "contract": "SELECT id FROM contract WHERE tender_id = " + HERE.format(TENDERS["contracted"]),
    "criterion": "SELECT id FROM criterion WHERE tender_id = " + HERE.format(TENDERS["evaluating"]) + " LIMIT 1",
    "digest": "SELECT b.digest FROM bid b JOIN organisation s ON s.id = b.supplier_id WHERE s.name LIKE 'Adler%' "
    "AND tender_id = " + HERE.format(TENDERS["evaluating"]),
    "document": "SELECT id FROM tender_document WHERE tender_id = " + HERE.format(TENDERS["open"]) + " LIMIT 1",
    "document_name": "SELECT name FROM tender_document WHERE tender_id = " + HERE.format(TENDERS["open"]) + " LIMIT 1",
    "item": "SELECT id FROM item WHERE tender_id = " + HERE.format(TENDERS["draft"]) + " LIMIT 1",
    "lot": "SELECT id FROM lot WHERE tender_id = " + HERE.format(TENDERS["draft"]) + " LIMIT 1",
    "message": "SELECT m.id FROM inbox_message m JOIN organisation s ON s.id = m.organisation "
    "WHERE s.name LIKE 'Adler%' LIMIT 1",
    "ocid": "SELECT ocid FROM tender WHERE title LIKE '" + TENDERS["evaluating"] + "'",
    "person": "SELECT id FROM person WHERE name = 'Ines Marsh'",
    "quality": "SELECT id FROM criterion WHERE kind = 'quality' AND tender_id = "
    + HERE.format(TENDERS["evaluating"])
    + " LIMIT 1",
    "question": "SELECT id FROM question WHERE tender_id = " + HERE.format(TENDERS["open"]) + " LIMIT 1",
    "rulebook": "SELECT id FROM rulebook LIMIT 1",
    "sha": "SELECT document_sha256 FROM contract WHERE tender_id = " + HERE.format(TENDERS["contracted"]),
    "supplier": "SELECT id FROM organisation WHERE name LIKE 'Adler%'",
}
FIXED = {
    "bidder": "Karl Adler",
    "other_supplier": "Alder Finch",
    "auditor": "Agnes Reed",
    "administrator": "Rosa Field",
    "treasurer": "Nadia Penn",
    "holder": "Milan Korr",
}
STRANGERS = ("Petra Holm", "Ines Marsh")  # officers of two buyers; whichever is not the tender's


class _Undo(Exception):
    """Raised instead of committing."""


class Undone(Database):
    """A database in which every request is answered, and none leaves a trace."""

    @asynccontextmanager
    async def begin(self, actor: Actor) -> AsyncIterator[Tx]:
        with suppress(_Undo):
            async with super().begin(actor) as tx:
                yield tx
                raise _Undo


class Walker:
    """Everybody's keys: a session cookie and a bearer token for each person of the republic."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self.settings, self.http = settings, http
        self.cookies: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.objects: dict[str, str] = {}
        self.staff: dict[tuple[str, Role], str] = {}  # (tender, role) -> a person's name

    async def prepare(self) -> None:
        database = Database(self.settings.database_url, Handlers())
        async with database.begin(system("test")) as tx:
            for name, title in TENDERS.items():
                wanted = text("SELECT id, buyer_id FROM tender WHERE title LIKE :title")
                row = (await tx.session.execute(wanted, {"title": title})).one()
                self.objects[name] = row.id
                chaired = text("SELECT person_id FROM evaluator WHERE chair AND tender_id = :id")
                chair = await tx.session.scalar(chaired, {"id": row.id})
                for role in (Role.OFFICER, Role.APPROVER, Role.EVALUATOR):
                    people = await identity.people_with(tx, row.buyer_id, role)
                    person = chair if role is Role.EVALUATOR and chair else sorted(people)[0]
                    self.staff[row.id, role] = (await identity.person_names(tx, [person]))[person]
            for name, query in OBJECTS.items():
                self.objects[name] = str(await tx.session.scalar(text(query)))
            people = (await tx.session.execute(text("SELECT id, name FROM person"))).all()
        for person in people:
            async with database.begin(Actor(person=person.id)) as tx:
                self.cookies[person.name] = await sessions.open_session(
                    tx, person.id, "matrix", proved_by=ProvedBy.CODE
                )
            await self._token(database, person.name)
        await database.dispose()

    async def _token(self, database: Database, name: str) -> None:
        async with database.begin(Actor()) as tx:
            known = await identity.actor_for_session(tx.session, self.cookies[name], tx.real_now)
            assert known
            tx.actor = known.actor
            self.tokens[name] = await tokens.issue(tx, "matrix", 1)

    def who(self, column: str, address: str) -> str:
        """The name of the person in a column, for the tender in an address; "" for nobody."""
        if column == "nobody":
            return ""
        named = [name for name in (*TENDERS, *OF) if f"{{{name}}}" in address] or ["evaluating"]
        tender = self.objects[OF.get(named[0], named[0])]
        role = {"officer": Role.OFFICER, "approver": Role.APPROVER, "evaluator": Role.EVALUATOR}.get(column)
        if role:
            return self.staff[tender, role]
        if column == "other_officer":
            return next(name for name in STRANGERS if name != self.staff[tender, Role.OFFICER])
        return FIXED[column]

    def filled(self, template: str) -> str:
        return re.sub(r"{(\w+)}", lambda found: self.objects.get(found[1], found[0]), template)

    async def ask(self, method: str, address: str, form: str, column: str) -> httpx.Response:
        """One request as somebody, with whatever would let that person in."""
        name, path = self.who(column, address), self.filled(address)
        headers, cookies = {"origin": self.settings.base_url}, {}
        body = json.loads(self.filled(form)) if form else {}
        if path.startswith("/api/"):
            headers |= {"authorization": f"Bearer {self.tokens[name]}"} if name else {}
            headers |= {"idempotency-key": "matrix"} if method == "POST" else {}
            sent = {"json": body} if form else {"content": b"x"} if method == "PUT" else {}
        else:
            cookies = {"session": self.cookies[name]} if name else {"visit": "somebody"}
            headers["x-csrf-token"] = csrf.token(next(iter(cookies.values())))
            sent = {"data": body} if method == "POST" else {}
        request = self.http.build_request(method, path, headers=headers, **sent)  # type: ignore[arg-type]  # one of three
        request.headers["cookie"] = "; ".join(f"{key}={value}" for key, value in cookies.items())
        return await self.http.send(request)

    async def row(self, method: str, address: str, form: str) -> dict[str, str]:
        """What everybody is answered."""
        return {column: answer_of(await self.ask(method, address, form, column)) for column in COLUMNS}
