"""Bidding without scripts, from the first page to the receipt."""

import re
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from bidding import OPEN_FOR, Market, open_envelope
from browsing_bids import BID, Bidder, hidden, prices, sign_in

from procurement.infra.files import Files
from procurement.infra.tx import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ines(database: Database, client: httpx.AsyncClient, market: Market) -> Bidder:
    """The signatory of Harbour Paving."""
    return await sign_in(database, client, market.ines)


@pytest.fixture
async def second(client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Another browser on the same service."""
    async with httpx.AsyncClient(transport=client._transport, base_url=client.base_url) as other:
        yield other


async def test_a_bid_is_prepared_sealed_and_submitted_and_opens_as_entered(
    ines: Bidder, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    assert "Not submitted" in (await ines.get(BID)).text
    await ines.prepare(b"How we will work")
    page = await ines.get(BID)
    assert "Uploaded is not submitted." in page.text and "method.pdf" in page.text
    receipt = await ines.submit()
    assert receipt.status_code == 200 and re.search(r"/receipts/\w{16}$", str(receipt.url))
    assert "Received in time. Sealed until the opening." in receipt.text
    manifest, contents = await open_envelope(files, market, await owner.fetchval("SELECT envelope FROM bid"))
    assert contents["method.pdf"] == b"How we will work"
    assert b'"total":"106.75"' in contents["prices.json"]  # 3.5 t at 10.00 and 3.5 t at 20.50
    assert (manifest.supplier, manifest.version) == (market.harbour, 1)
    assert "Submitted & sealed" in (await ines.get(BID)).text


async def test_the_receipt_downloads_and_checks_for_someone_without_an_account(
    ines: Bidder, second: httpx.AsyncClient
) -> None:
    await ines.prepare()
    receipt = await ines.submit()
    file = await ines.client.get(f"{receipt.url}/receipt.json")
    assert "attachment" in file.headers["content-disposition"]
    stranger = Bidder(second)
    await stranger.get("/receipts")
    assert "This receipt is genuine" in (await stranger.send("/receipts", receipt=file.text)).text
    uploaded = await stranger.client.post(
        "/receipts", data={"_token": stranger.token, "receipt": ""}, files={"file": ("receipt.json", file.content)}
    )
    assert "This receipt is genuine" in uploaded.text and file.json()["receipt"]["received_at"] in uploaded.text
    too_large = await stranger.client.post(
        "/receipts", data={"_token": stranger.token}, files={"file": ("receipt.json", b" " * 20_000)}
    )
    assert too_large.status_code == 422 and "too large to be a receipt" in too_large.text
    nothing = await stranger.send("/receipts", receipt="")
    assert nothing.status_code == 422 and "Choose the file of the receipt" in nothing.text
    forged = await stranger.send("/receipts", receipt=file.text.replace('"version":1', '"version":7'))
    assert forged.status_code == 422 and "signature does not fit" in forged.text
    assert (await stranger.client.get(str(receipt.url))).status_code in (303, 404)


async def test_pressing_submit_twice_is_one_bid(ines: Bidder, owner: asyncpg.Connection) -> None:
    await ines.prepare()
    fields = hidden((await ines.get(f"{BID}/check")).text)
    first = await ines.send(f"{BID}/submit", **fields)
    again = await ines.send(f"{BID}/submit", **fields)
    assert first.url == again.url
    assert await owner.fetchval("SELECT count(*) FROM bid") == 1


async def test_a_lost_answer_can_be_asked_for_again_after_the_deadline(
    ines: Bidder, owner: asyncpg.Connection, advance: object
) -> None:
    await ines.prepare()
    fields = hidden((await ines.get(f"{BID}/check")).text)
    first = await ines.send(f"{BID}/submit", **fields)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    assert (await ines.send(f"{BID}/submit", **fields)).url == first.url


async def test_too_late_is_said_plainly_with_both_times(
    ines: Bidder, owner: asyncpg.Connection, advance: object
) -> None:
    await ines.prepare()
    fields = hidden((await ines.get(f"{BID}/check")).text)
    await advance(OPEN_FOR)  # type: ignore[operator]
    late = await ines.send(f"{BID}/submit", **fields)
    assert late.status_code == 409
    assert "It arrived too late" in late.text and late.text.count('<dd class="num">') == 2
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0
    assert await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'LateBidRefused'") == 1
    assert "Bidding is over" in (await ines.get(BID)).text


async def test_a_draft_changed_since_it_was_checked_is_not_submitted(ines: Bidder, owner: asyncpg.Connection) -> None:
    await ines.prepare()
    fields = hidden((await ines.get(f"{BID}/check")).text)
    await ines.send(f"{BID}/prices", **prices("99", "99"))
    answer = await ines.send(f"{BID}/submit", **fields)
    assert answer.status_code == 409 and "changed after you checked it" in answer.text
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0


async def test_an_incomplete_bid_is_not_submitted_and_says_what_is_missing(
    ines: Bidder, owner: asyncpg.Connection
) -> None:
    await ines.get(BID)
    await ines.send(f"{BID}/start")
    page = await ines.get(f"{BID}/check")
    assert (
        "Not every declaration is confirmed." in page.text and 'action="/tenders/2026-0418/bid/submit"' not in page.text
    )
    answer = await ines.send(f"{BID}/submit", key="k", changes="0")
    assert answer.status_code == 422
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0


async def test_prices_are_summed_and_wrong_ones_are_shown_again(ines: Bidder) -> None:
    await ines.get(BID)
    await ines.send(f"{BID}/start")
    saved = await ines.send(f"{BID}/prices", **prices("1 000,50", "2"))
    assert "3\u202f508.75 EUR" in saved.text  # 3.5 t at 1000.50 and 3.5 t at 2
    wrong = await ines.send(f"{BID}/prices", **prices("ten", ""))
    assert wrong.status_code == 422 and 'value="ten"' in wrong.text and "Error:" in wrong.text
    assert 'value="1 000,50"' in (await ines.get(f"{BID}/prices")).text  # what was saved stands


async def test_a_replacement_keeps_prices_and_needs_its_documents_again(
    ines: Bidder, owner: asyncpg.Connection, files: Files, market: Market
) -> None:
    await ines.prepare()
    await ines.submit()
    await ines.send(f"{BID}/start")
    page = await ines.get(BID)
    assert "A new version, not submitted" in page.text and "Version 1 counts until" in page.text
    await ines.upload("method.pdf", b"Better")
    await ines.submit()
    _, contents = await open_envelope(files, market, await owner.fetchval("SELECT envelope FROM bid WHERE version = 2"))
    assert contents["method.pdf"] == b"Better" and b'"106.75"' in contents["prices.json"]


async def test_a_withdrawn_bid_says_so(ines: Bidder, owner: asyncpg.Connection) -> None:
    await ines.prepare()
    receipt = await ines.submit()
    await ines.get(f"{BID}/withdraw")
    gone = (await ines.send(f"{BID}/withdraw")).text
    assert "You withdrew version 1" in gone and f'href="{receipt.url.path}"' in gone
    shown = (await ines.get(str(receipt.url))).text
    assert "You withdrew this bid" in shown and "Withdrawn since" in shown
    assert "You may replace or withdraw this bid" not in shown


async def test_another_browser_cannot_read_the_draft_until_it_has_the_key(
    ines: Bidder, second: httpx.AsyncClient, database: Database, market: Market
) -> None:
    await ines.prepare()
    key = re.search(r'class="mono"><bdi>([a-z2-7 ]+)</bdi>', (await ines.get(f"{BID}/key")).text)
    assert key
    elsewhere = await sign_in(database, second, market.ines)
    page = await elsewhere.get(BID)
    assert "This draft was started in another browser" in page.text and "method.pdf" not in page.text
    assert (await elsewhere.get(f"{BID}/prices")).status_code == 403
    assert (await elsewhere.send(f"{BID}/key", key="a" * 52)).status_code == 422
    assert "method.pdf" in (await elsewhere.send(f"{BID}/key", key=key[1])).text


async def test_a_member_prepares_and_a_signatory_submits(
    second: httpx.AsyncClient, ines: Bidder, database: Database, market: Market, owner: asyncpg.Connection
) -> None:
    tom = await sign_in(database, second, market.tom)
    await tom.prepare()
    page = await tom.get(f"{BID}/check")
    assert "An owner or a signatory of your organisation has to submit it" in page.text
    draft = await owner.fetchval("SELECT changes FROM bid_draft")
    assert (await tom.send(f"{BID}/submit", key="k", changes=str(draft))).status_code == 403
    key = re.search(r'class="mono"><bdi>([a-z2-7 ]+)</bdi>', (await tom.get(f"{BID}/key")).text)
    await ines.get(BID)
    await ines.send(f"{BID}/key", key=key and key[1])
    assert (await ines.submit()).status_code == 200
    assert await owner.fetchval("SELECT submitted_by FROM bid") == market.ines


async def test_the_key_is_in_a_cookie_that_only_this_bid_is_sent(ines: Bidder) -> None:
    await ines.get(BID)
    answer = await ines.client.post(f"{BID}/start", data={"_token": ines.token})
    [cookie] = [value for value in answer.headers.get_list("set-cookie") if value.startswith("draft-")]
    assert f"Path={BID}" in cookie and "HttpOnly" in cookie and "samesite=strict" in cookie.lower()


@pytest.mark.parametrize("who", ["olga", "greta"])
async def test_strangers_see_nothing_of_a_bid(
    who: str, ines: Bidder, second: httpx.AsyncClient, database: Database, market: Market
) -> None:
    """The officer of the buyer may not open the page at all; a competitor sees its own, empty one."""
    await ines.prepare()
    await ines.submit()
    stranger = await sign_in(database, second, getattr(market, who))
    page = await stranger.get(BID)
    assert (page.status_code == 403) == (who == "olga")
    assert "Harbour Paving" not in page.text and "was received on" not in page.text


async def test_a_form_without_its_token_changes_nothing(ines: Bidder, owner: asyncpg.Connection) -> None:
    await ines.get(BID)
    ines.token = "0" * 64
    assert (await ines.send(f"{BID}/start")).status_code == 403
    assert await owner.fetchval("SELECT count(*) FROM bid_draft") == 0
