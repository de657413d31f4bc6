"""What the service sends a key holder at an opening, taken to the offline tool and back."""

from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from doubling import bidders, released, standing
from opening_day import Day
from tendering import visitor

from procurement.holders import offline
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.refusal import Refused

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


async def test_a_holder_without_scripts_gives_their_shares_by_two_files(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    await bidders(double, "Adler Strassenbau", "Brightwater Civil Ltd")
    await released(double, advance)
    page, first = f"/tenders/{double.tender_id}/opening/shares", double.holders[0]
    at_first = await visitor(double.database, client, first.actor)
    wanted = msgspec.json.decode((await at_first.get(f"{page}/wanted.json")).content, type=offline.Wanted)
    with pytest.raises(Refused, match="not the pinned ledger's"):
        offline.shares(first.key, wanted, str(SignerKey(double.ledger.verifier.name, b"\6" * 32).verifier), None)
    given = offline.shares(first.key, wanted, str(double.ledger.verifier), None)
    assert len(given) == 2 and all(one.share for one in given)
    sent = await at_first.send(page, shares=msgspec.json.encode(given).decode())
    assert sent.status_code == 303 and (await standing(double)).given == 1
