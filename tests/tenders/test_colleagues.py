"""Two officers at one draft: neither undoes the other's work without seeing it, and nobody is stopped needlessly."""

import re

import httpx
import pytest
from people import Visitor, visiting
from tendering import NEXT_YEAR, SETUP, Town, complete_draft

from procurement.identity import service as identity
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role
from procurement.tenders import service as tenders
from procurement.tenders.rules.inputs import LotInput

pytestmark = pytest.mark.anyio
ABOUT = {"title": "School meals", "category": "services", "description": "Warm.", "value": "900.00"}


@pytest.fixture
async def draft(database: Database, town: Town) -> str:
    """The address of a complete draft that Olga and Pia may both change."""
    async with database.begin(SETUP) as tx:
        await identity.grant(tx, town.pia.person, town.city, Role.OFFICER)
    async with database.begin(town.olga) as tx:
        return f"/tenders/{await complete_draft(tx)}/draft"


def opened(page: httpx.Response, action: str = "") -> str:
    """The version with which the form of an action was opened; without one, the form that posts to its own page."""
    form = rf'<form method="post"[^>]*action="{action}"' if action else r"<form method=\"post\" novalidate>"
    found = re.search(form + r'[^>]*>.*?name="_version" value="(\w+)"', page.text, re.DOTALL)
    assert found, action
    return found[1]


async def test_what_a_colleague_wrote_is_shown_and_not_overwritten(
    client: httpx.AsyncClient, database: Database, town: Town, draft: str
) -> None:
    async with visiting(client, database, town.olga) as olga, visiting(client, database, town.pia) as pia:
        page = f"{draft}/about"
        olgas, pias = opened(await olga.get(page)), opened(await pia.get(page))
        assert (await olga.send(page, **ABOUT, contract_terms="At noon.", _version=olgas)).status_code == 303
        late = await pia.send(page, **ABOUT | {"title": "Meals & fruit"}, contract_terms="At one.", _version=pias)
        assert late.status_code == 409
        assert "A colleague changed this after you opened the page" in late.text
        shown = late.text.split('id="meanwhile"')[1].split("</table>")[0]
        for words in ("Meals &amp; fruit", "School meals", "At one.", "At noon."):
            assert words in shown
        assert "900.00" not in shown, "what both wrote alike is no difference"
        assert 'value="Meals &amp; fruit"' in late.text, "what was typed is in the form"
        assert "School meals" in (await pia.get(page)).text and "At noon." in (await pia.get(page)).text
        again = await pia.send(page, **ABOUT | {"title": "Meals & fruit"}, _version=opened(late))
        assert again.status_code == 303, "having seen it, one may decide"


async def test_whoever_works_on_another_step_is_not_stopped(
    client: httpx.AsyncClient, database: Database, town: Town, draft: str
) -> None:
    async with visiting(client, database, town.olga) as olga, visiting(client, database, town.pia) as pia:
        about, times = opened(await olga.get(f"{draft}/about")), opened(await pia.get(f"{draft}/timetable"))
        assert (await olga.send(f"{draft}/about", **ABOUT, _version=about)).status_code == 303
        answer = await pia.send(f"{draft}/timetable", deadline=f"{NEXT_YEAR}-11-30T21:00", _version=times)
        assert answer.status_code == 303
        late = await olga.send(f"{draft}/timetable", deadline=f"{NEXT_YEAR}-10-30T21:00", _version=times)
        assert (
            late.status_code == 409
            and f"{NEXT_YEAR}-11-30T21:00" in late.text
            and f"{NEXT_YEAR}-10-30T21:00" in late.text
        )


@pytest.mark.parametrize(
    "step, typed",
    [
        ("lots", {"title": "By the sea"}),
        ("criteria", {"name": "Price", "kind": "price", "weight": "30"}),
    ],
)
async def test_a_row_that_a_colleague_changed_or_removed(
    client: httpx.AsyncClient, database: Database, town: Town, draft: str, step: str, typed: dict[str, str]
) -> None:
    async with visiting(client, database, town.olga) as olga, visiting(client, database, town.pia) as pia:
        page = f"{draft}/{step}"
        listed = await olga.get(page)
        row = re.search(rf'href="({page}/\w+)"', listed.text)
        assert row
        before, listed_before = opened(await pia.get(row[1]), row[1]), opened(listed, f"{row[1]}/remove")
        assert before == listed_before
        assert (await olga.send(row[1], **typed, _version=before)).status_code == 303
        late = await pia.send(row[1], **typed | {"description": "Mine"}, _version=before)
        assert late.status_code == 409 and "Mine" in late.text.split('id="meanwhile"')[1]
        refused = await pia.send(page, f"{row[1]}/remove", _version=before)
        assert refused.status_code == 409 and "A colleague changed this" in refused.text
        await olga.send(page, **typed, _version=opened(await olga.get(page), page))  # a tender keeps one lot
        assert (await olga.send(page, f"{row[1]}/remove", _version=opened(late, row[1]))).status_code == 303
        gone = await pia.send(page, row[1], **typed | {"description": "Mine"}, _version=before)
        assert gone.status_code == 409 and "A colleague removed this" in gone.text and "Mine" in gone.text


async def test_nobody_submits_or_publishes_what_they_have_not_read(
    client: httpx.AsyncClient, database: Database, town: Town, draft: str
) -> None:
    base = draft.removesuffix("/draft")
    async with visiting(client, database, town.olga) as olga, visiting(client, database, town.pia) as pia:
        read = opened(await olga.get(f"{draft}/check"), f"{draft}/submit")
        await _rename(database, town, base)
        assert (await olga.send(f"{draft}/check", f"{draft}/submit", _version=read)).status_code == 409
        read = opened(await olga.get(f"{draft}/check"), f"{draft}/submit")
        assert (await olga.send(f"{draft}/check", f"{draft}/submit", _version=read)).status_code == 303
        considered = opened(await pia.get(f"{base}/approve"), f"{base}/approve")
        await _send_back_and_submit_again(olga, pia, database, town, base)
        late = await pia.send(f"{base}/approve", _version=considered)
        assert late.status_code == 409 and "A colleague changed this" in late.text


async def _rename(database: Database, town: Town, base: str) -> None:
    async with database.begin(town.olga) as tx:
        tender = await tenders.own_tender(tx, base.removeprefix("/tenders/"))
        await tenders.save_lot(tx, tender.id, LotInput(title=tender.lots[0].title + " anew"), tender.lots[0].id)


async def _send_back_and_submit_again(olga: Visitor, pia: Visitor, database: Database, town: Town, base: str) -> None:
    back = await pia.send(f"{base}/approve", f"{base}/return", reason="Say more about the lots, please.")
    assert back.status_code == 303
    await _rename(database, town, base)
    read = opened(await olga.get(f"{base}/draft/check"), f"{base}/draft/submit")
    assert (await olga.send(f"{base}/draft/check", f"{base}/draft/submit", _version=read)).status_code == 303
