"""What money asks of people stands on their desks: of the treasury what the bank tells, of a payer where it may go."""

import httpx
import pytest
from bank_files import THEIRS, camt, paid
from banking import SET, make_list, name_account, take_in
from people import visiting
from treasuring import Treasury, approve, ask, asked_back

from procurement.infra.tx import Database

pytestmark = pytest.mark.anyio
PLACE, TAKE = "Say what a movement on the account is", "Take a refund to the bank"
NAME, WAITS = "Say where your money is to go back to", "It waits until you name an account:"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(name, value)


async def test_a_movement_that_nobody_knows_waits_on_the_treasurers_desk(
    database: Database, client: httpx.AsyncClient, treasury: Treasury
) -> None:
    charge = await ask(database, treasury, 100_00)
    async with visiting(client, database, treasury.noor) as noor:
        await take_in(database, treasury.mary, camt(paid("40.00", charge.reference, bank="A1"), closing="40.00"))
        assert PLACE not in (await noor.get("/desk")).text
        await take_in(
            database, treasury.mary, camt(paid("60.00", "coffee", bank="A2"), opening="40.00", closing="100.00")
        )
        assert PLACE in (await noor.get("/desk")).text
        home = (await noor.get("/treasury")).text
        assert "1 movement on the account waits" in home and "Nothing waits" not in home
        listed = (await noor.get("/treasury/statements")).text
        [line] = [part for part in listed.split('"') if part.startswith("/treasury/lines/")]
        assert charge.shown_reference in (await noor.get(line)).text, "what is open can be chosen"


async def test_money_that_came_by_transfer_waits_for_an_account_and_says_so(
    database: Database, client: httpx.AsyncClient, treasury: Treasury
) -> None:
    charge = await ask(database, treasury, 100_00)
    await take_in(database, treasury.mary, camt(paid("100.00", charge.reference), closing="100.00"))
    (refund,) = await asked_back(database, treasury.mary, charge.id, 100_00)
    if refund.state == "waiting":
        await approve(database, treasury.noor, refund.id)
    bidder = treasury.town.ines
    async with visiting(client, database, bidder) as ines, visiting(client, database, treasury.noor) as noor:
        assert NAME in (await ines.get("/desk")).text and TAKE not in (await noor.get("/desk")).text
        assert WAITS in (await ines.get(f"/payments/{charge.id}")).text
        await name_account(database, bidder, THEIRS)
        assert NAME not in (await ines.get("/desk")).text and TAKE in (await noor.get("/desk")).text
        assert WAITS not in (await ines.get(f"/payments/{charge.id}")).text
        await make_list(database, treasury.noor)
        assert TAKE not in (await noor.get("/desk")).text
