"""Deputies, a new name and a successor, as people do it on the pages of their organisation."""

from datetime import date, timedelta

import asyncpg
import pytest
from browsing import Browser, Republic

pytestmark = pytest.mark.anyio
INES, TOM, PAGE, OURS = "ines@marrow.example", "tom@marrow.example", "/organisation/deputies", "/organisation"


async def test_a_role_is_lent_accepted_and_given_back(
    browser: Browser, another: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    today = date.today()
    days = {"first": str(today), "last": str(today + timedelta(days=7))}
    await browser.sign_in(INES)
    asked = {"role": "signatory", "deputy": republic.tom, "reason": "Annual leave"}
    backwards = {"first": days["last"], "last": days["first"]}
    answer = await browser.send(PAGE, **asked, **backwards)
    assert (answer.status_code, 'href="#last"' in answer.text, "Annual leave" in answer.text) == (422, True, True)
    assert (await browser.send(PAGE, **asked, **days)).status_code == 303
    made = await owner.fetchval("SELECT id FROM delegation")
    await another.sign_in(TOM)
    assert "in place of Ines Duarte" in (await another.get(PAGE)).text
    assert (await browser.send(PAGE, f"{PAGE}/{made}/accept")).status_code == 403  # not the deputy
    assert (await another.send(PAGE, f"{PAGE}/{made}/accept")).status_code == 303
    assert "In force" in (await another.get(PAGE)).text
    assert (await another.send(PAGE, f"{PAGE}/{made}/end")).status_code == 303
    assert (await another.send(PAGE, f"{PAGE}/{made}/end")).status_code == 409


async def test_the_only_owner_leaves_by_naming_a_successor(
    browser: Browser, another: Browser, republic: Republic
) -> None:
    await browser.sign_in(INES)
    assert "You are the only owner" in (await browser.get(OURS)).text
    assert (await browser.send(OURS, f"{OURS}/leave", successor="")).status_code == 422
    assert (await browser.send(OURS, f"{OURS}/leave", successor=republic.tom)).headers["location"] == "/account"
    assert (await browser.client.get(OURS)).status_code == 403
    await another.sign_in(TOM)
    assert "Invite somebody" in (await another.get(OURS)).text


async def test_a_supplier_renames_itself_and_everybody_sees_what_it_was(
    browser: Browser, another: Browser, republic: Republic
) -> None:
    await browser.sign_in(INES)
    public = f"/suppliers/{republic.harbour}"
    assert "Formerly" not in (await another.get(public)).text
    assert (await browser.send(OURS, f"{OURS}/name", name="Harbour Paving Co-operative")).status_code == 422
    assert (await browser.send(OURS, f"{OURS}/name", name="Harbour Roads")).status_code == 303
    shown = (await another.get(public)).text
    assert "Harbour Roads" in shown and "Formerly" in shown and "Harbour Paving Co-operative" in shown
