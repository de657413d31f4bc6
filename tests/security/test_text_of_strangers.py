"""What people write is shown as they wrote it and never becomes part of a page, a feed or a sheet (ASVS 5.0: 1.2)."""

import csv
import io
from html.parser import HTMLParser
from xml.etree import ElementTree

import httpx
import pytest
from everybody import everybody
from hypothesis import given
from hypothesis import strategies as st
from tendering import Keys, Town, complete_draft, visitor

from procurement.infra import sweep
from procurement.infra.tx import Database
from procurement.infra.web.csv_file import FORMULA, csv_text
from procurement.tenders import service as tenders
from procurement.tenders.rules import inputs

pytestmark = pytest.mark.anyio

PAYLOADS = (
    '"><intruder onintruder=1>',
    "'><intruder onintruder=1>",
    "</textarea></title></script></style><intruder>",
    '" onintruder="1" x="',
    "' onintruder='1' x='",
    "{{ 'intru' ~ 'der' }}{% raw %}<intruder>{% endraw %}",
    "<!--<intruder>-->&lt;intruder&gt;<intruder/onintruder=1>",
    "]]><intruder/>&#60;intruder&#62;",
    "\u202e<intruder>\u2028onintruder=1",
)
ALL = " ".join(PAYLOADS)


class Built(HTMLParser):
    """The elements and attributes that a browser makes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(name for name, _ in attrs)}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")]
        self.text += " ".join(value or "" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def must_be_text(answer: httpx.Response) -> Built:
    built = Built(answer.text)
    assert not [name for name in built.names if "intruder" in name], answer.request.url
    assert not [one for one in built.addresses if one.lower().strip().startswith(("javascript:", "data:", "//"))]
    return built


async def published(database: Database, town: Town) -> str:
    """A tender in whose every text stands every payload."""
    keys = Keys()
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
        about = inputs.About(title=ALL[:200], category="works", description=ALL, value="1000", contract_terms=ALL)
        await tenders.save_about(tx, tender, about)
        lot = (await tenders.tender(tx, tender)).lots[0].id
        await tenders.save_lot(tx, tender, inputs.LotInput(title=ALL[:200], description=ALL), lot)
        await tenders.submit(tx, keys, tender)
    async with database.begin(town.pia) as tx:
        await tenders.approve(tx, keys, tender)
    while await sweep.handle_one(database):
        pass
    return tender


async def test_what_stands_in_a_tender_is_text_on_every_page(
    client: httpx.AsyncClient, database: Database, town: Town
) -> None:
    tender = await published(database, town)
    somebody = await everybody(database, client, town)
    shown = 0
    for path in ("/", "/tenders", f"/tenders/{tender}", "/desk", f"/buyers/{town.city}", "/following", "/inbox",
                 f"/tenders/{tender}/questions", f"/tenders/{tender}/bid", f"/tenders/{tender}/draft"):  # fmt: skip
        for reader in (client, somebody.client):
            answer = await reader.get(path, follow_redirects=True)
            assert answer.status_code < 500, path
            shown += PAYLOADS[0] in must_be_text(answer).text
    assert shown >= 4  # as it was written


async def test_feeds_and_calendars_hold_it_as_text(client: httpx.AsyncClient, database: Database, town: Town) -> None:
    tender = await published(database, town)
    feed = ElementTree.fromstring((await client.get("/tenders/feed.atom")).text)
    assert not [one for one in feed.iter() if "intruder" in one.tag] and "<intruder" in "".join(feed.itertext())
    calendar = (await client.get(f"/tenders/{tender}/calendar.ics")).text
    assert not [line for line in calendar.splitlines() if line.lower().startswith(("<intruder", "onintruder"))]


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_what_is_asked_for_is_shown_as_text(client: httpx.AsyncClient, payload: str) -> None:
    for path in ("/tenders", "/sign-in", "/register"):
        answer = await client.get(path, params={"q": payload, "next": payload, "sort": payload, "buyer": payload})
        must_be_text(answer)
    must_be_text(await client.get(f"/tenders/{payload.replace('/', '')}"))
    must_be_text(await client.get(f"/about/{payload.replace('/', '')}"))


async def test_what_was_typed_into_a_refused_form_is_text(
    client: httpx.AsyncClient, database: Database, town: Town
) -> None:
    olga = await visitor(database, client, town.olga)
    answer = await olga.send("/tenders/new", title=ALL, category=ALL)
    assert answer.status_code == 422 and PAYLOADS[0] in must_be_text(answer).text
    anybody = await visitor(database, client, None)
    answer = await anybody.send("/sign-in", email=ALL, password=ALL, next=ALL)
    assert answer.status_code == 422 and PAYLOADS[0] in must_be_text(answer).text


@given(st.lists(st.lists(st.text(max_size=30), min_size=1, max_size=4), max_size=5))
def test_no_cell_of_any_sheet_is_a_formula(rows: list[list[str]]) -> None:
    starts = [[f"{sign}HYPERLINK(A1)" for sign in FORMULA]]
    readable = csv.reader(io.StringIO(csv_text(["first"], rows + starts), newline=""))
    for read, written in zip(list(readable)[1:], rows + starts, strict=True):
        assert not [cell for cell in read if cell.startswith(FORMULA)]
        assert [cell.removeprefix("'") for cell in read] == [cell.removeprefix("'") for cell in written]
