"""The opening of double-locked bids: the keyholder and any two of three key holders, and nobody without them."""

from itertools import combinations
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec
import pytest
from bids_to_open import seal
from doubling import bidders, facts, redealt, refused, released, standing
from opening_day import Day
from tendering import SETUP

from procurement.holders import service as holders
from procurement.infra.tx import Tx
from procurement.kernel.actor import NOBODY
from procurement.kernel.sealing import parse_share, share_bytes
from procurement.opening import service
from procurement.opening.service import joining, staging, steps
from procurement.opening.service.steps import OPENER
from procurement.tenders import service as tenders

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


async def test_the_bids_open_when_the_second_of_three_gave_and_not_before(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    made = await bidders(double, "Adler Strassenbau", "Brightwater Civil Ltd")
    await released(double, advance)
    first, second, third = double.holders
    assert (await standing(double)).missing == 2
    await double.give(first)
    await double.sweep()
    assert (await standing(double)).missing == 1
    assert await owner.fetchval("SELECT count(*) FROM opened_bid") == 0
    await double.give(third)
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True, True]
    assert [member.given_at is not None for member in (await standing(double)).members] == [True, False, True]
    assert [(one["holder"], one["able"]) for one in await facts(double, "SharesGiven")] == [
        (first.id, True), (third.id, True)
    ]  # fmt: skip
    async with double.database.begin(NOBODY) as tx:
        record = msgspec.json.decode(await service.record(tx, double.ledger, double.tender_id))["record"]
    assert [one["holder"] for one in record["shares"]] == [first.id, third.id]
    assert await owner.fetchval("SELECT count(*) FROM released_share") == 0, "shares are forgotten"
    assert second.id not in str(record["shares"]) and len(made) == 2


async def test_what_was_in_the_way_is_told_no_longer_than_it_lasts(double: Day, advance: "Advance") -> None:
    await bidders(double, "Adler Strassenbau")
    await released(double, advance)
    async with double.database.begin(OPENER) as tx:
        await service.note_problem(tx, double.tender_id, "The database was away for a second.")
    await double.sweep()
    async with double.database.begin(OPENER) as tx:
        held = await service.opening(tx, double.tender_id)
    assert held and held.shown_at is None and held.problem == "", "only key holders are waited for"


async def test_key_holders_other_than_those_published_make_the_opening_wait_and_no_bid_is_to_blame(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    await bidders(double, "Adler Strassenbau")
    for table in ("roster", "roster_seat", "roster_call", "tender"):
        await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # as whoever rules the database may
    content = await owner.fetchval("SELECT content FROM roster")
    await double.close_bidding(advance)
    await owner.execute("UPDATE roster SET content = $1", content.replace(b'"m":2', b'"m":3'))
    await double.open()
    problem = await owner.fetchval("SELECT problem FROM opening")
    await owner.execute("UPDATE tender SET seal_level = 'S1'")
    await owner.execute("ALTER TABLE roster RENAME TO roster_aside")
    await owner.execute("CREATE VIEW roster AS SELECT * FROM roster_aside WHERE false")
    await owner.execute("GRANT SELECT ON roster TO procurement_app")
    await double.sweep()
    assert problem and await owner.fetchval("SELECT problem FROM opening") != problem
    assert await owner.fetchval("SELECT count(*) FROM opened_bid") == 0
    await owner.execute("DROP VIEW roster")
    await owner.execute("ALTER TABLE roster_aside RENAME TO roster")
    await owner.execute("UPDATE roster SET content = $1", content)
    await owner.execute("UPDATE tender SET seal_level = 'S2'")
    await double.sweep()
    for one in double.holders[:2]:
        await double.give(one)
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True]


async def test_every_pair_of_holders_opens(double: Day, advance: "Advance") -> None:
    await bidders(double, "Adler Strassenbau")
    await released(double, advance)
    given = {one.id: await double.shares(one) for one in double.holders}
    async with double.database.begin(OPENER) as tx:
        tender = await double.tender()
        held = joining.Held(double.database, OPENER, tender, await _roster(tx, double))
        bid = (await joining.unstaged(tx, double.tender_id))[0]
    opened = set()
    for pair in combinations(double.holders, 2):
        async with double.database.begin(SETUP) as tx:
            connection = await tx.session.connection()
            await connection.exec_driver_sql("UPDATE released_share SET given = NULL, unreadable = false")
        for one in pair:
            await double.give(one, given[one.id])
        opened.add(await held.joined(bid))
    assert len(opened) == 1


async def _roster(tx: Tx, day: Day) -> Any:
    chosen = await holders.roster(tx, day.tender_id)
    assert chosen
    return chosen.roster


async def test_before_the_release_after_the_opening_and_to_strangers_nothing_is_given(
    double: Day, advance: "Advance"
) -> None:
    made = await bidders(double, "Adler Strassenbau")
    await double.close_bidding(advance)
    first, second, _ = double.holders
    assert (await refused(double, first.actor, lambda tx: service.shares_wanted(tx, double.tender_id))).code == (
        "not-released"
    )
    early = await refused(double, first.actor, lambda tx: service.give_shares(tx, double.tender_id, []))
    assert early.code == "not-released"
    await double.open()
    bidder = made["Adler Strassenbau"][0]
    for stranger in (double.town.olga, double.town.pia, bidder, NOBODY):
        no = await refused(double, stranger, lambda tx: service.shares_wanted(tx, double.tender_id))
        assert no.status in (401, 403, 404)
    shares = await double.shares(first)
    for one in (first, second):
        await double.give(one)
    await double.sweep()
    late = await refused(double, first.actor, lambda tx: service.give_shares(tx, double.tender_id, shares))
    assert late.code == "already-opened"


async def test_what_a_holder_sees_names_no_bidder_and_proves_the_closing(double: Day, advance: "Advance") -> None:
    made = await bidders(double, "Adler Strassenbau", "Brightwater Civil Ltd")
    await released(double, advance)
    wanted = await double.wanted(double.holders[0])
    assert len(wanted.shares) == 2 and wanted.given_at is None
    assert not any(who.organisation in str(msgspec.to_builtins(wanted)) for who, _ in made.values())
    assert msgspec.json.decode(wanted.closing.record)["type"] == "TenderClosed"


async def test_a_wrong_share_names_its_member_and_nothing_is_kept(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    await bidders(double, "Adler Strassenbau", "Brightwater Civil Ltd")
    await released(double, advance)
    first, second, _ = double.holders
    one, two = await double.shares(first)
    mistyped = msgspec.structs.replace(two, share=two.share[:-1])
    corrupt = msgspec.structs.replace(
        two, share=share_bytes(msgspec.structs.replace(parse_share(two.share.encode()), y="0" * 64)).decode()
    )
    swapped = [service.Given(one.digest, two.share), service.Given(two.digest, one.share)]
    others = await double.shares(second)
    for given, code in (
        ([one, mistyped], "share-malformed"),
        ([one, corrupt], "share-wrong"),
        (swapped, "share-foreign"),
        (others, "share-foreign"),
        ([one], "shares-incomplete"),
        ([one, one], "shares-incomplete"),
        ([], "shares-incomplete"),
    ):
        no = await refused(
            double, first.actor, lambda tx, given=given: service.give_shares(tx, double.tender_id, given)
        )
        assert no.code == code
        assert code == "shares-incomplete" or no.fields["member"] == first.id
    assert await owner.fetchval("SELECT count(*) FROM released_share WHERE given IS NOT NULL") == 0
    await double.give(first)
    await double.give(first)
    assert len(await facts(double, "SharesGiven")) == 1


async def test_an_inconsistent_dealing_is_the_bidders_and_stops_nobody_else(double: Day, advance: "Advance") -> None:
    await bidders(double, "Adler Strassenbau")
    cheat = await double.bidder("Crooked Lane Paving")
    bid = seal(await double.tender(), cheat.organisation)
    strange = share_bytes(
        parse_share(
            b'{"kind":"single","lot_group":"","member":"%s","recipient":"%s","round":1,"tender":"%s",'
            b'"type":"share/v1","x":3,"y":"%s"}'
            % (double.holders[2].id.encode(), bid.recipient.encode(), double.tender_id.encode(), b"1" * 64)
        )
    )
    await double.submit(cheat, bid, **await double.locked_to_all(bid, redealt(double, 3, strange)))
    await released(double, advance)
    for one in double.holders[:2]:
        await double.give(one)
    await double.sweep()
    opened = {bid.supplier: bid for bid in await double.opened()}
    assert opened[cheat.organisation].problem_code == "dealing-inconsistent"
    assert sorted(bid.valid for bid in opened.values()) == [False, True]


async def test_a_bid_sealed_for_nobody_is_staged_with_its_problem_before_anyone_gives(
    double: Day, advance: "Advance"
) -> None:
    crooked = await double.bidder("Crooked Lane Paving")
    bid = seal(await double.tender(), crooked.organisation)
    await double.submit(crooked, bid, **await double.locked_to_all(bid, lambda dealt: dealt[::-1]))
    await released(double, advance)
    assert [bid.problem_code for bid in await double.opened()] == ["dealing-inconsistent"]


async def test_a_tender_cancelled_while_it_is_opened_stays_sealed_and_what_was_given_is_forgotten(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    await bidders(double, "Adler Strassenbau")
    await released(double, advance)
    first, second, _ = double.holders
    shares = await double.shares(second)
    await double.give(first)
    async with double.as_(double.town.pia) as tx:
        await tenders.cancel(tx, double.tender_id, "The road is closed for good.")
    no = await refused(double, second.actor, lambda tx: service.give_shares(tx, double.tender_id, shares))
    assert no.code == "tender-cancelled"
    await owner.execute("UPDATE released_share SET given = 'a quorum, a moment before' WHERE member = $1", second.id)
    await double.sweep()
    for table in ("released_share", "opened_bid"):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert not await facts(double, "BidsOpened")


async def test_killed_anywhere_it_goes_on_and_no_key_was_ever_stored(
    double: Day, advance: "Advance", monkeypatch: pytest.MonkeyPatch, owner: asyncpg.Connection
) -> None:
    made = await bidders(double, "Adler Strassenbau", "Brightwater Civil Ltd", "Harbour Paving")
    await double.close_bidding(advance)
    await double.request(double.town.olga)
    await double.confirm(double.town.pia)

    async def killed_at(at: Any, name: str, after: int) -> None:
        real, done = getattr(at, name), 0

        async def dies(*given: object) -> object:
            nonlocal done
            answer = await real(*given)
            done += 1
            if done >= after:
                raise RuntimeError("killed")
            return answer

        with monkeypatch.context() as killed:
            killed.setattr(at, name, dies)
            await double.sweep()

    await killed_at(steps, "_release", 1)
    await killed_at(joining.Held, "_keep", 2)
    await double.sweep()
    for one in double.holders[1:]:
        await double.give(one)
    for at, name, after in (
        (joining.Held, "joined", 1),
        (staging, "unseal", 2),
        (staging, "_keep", 1),
        (steps, "show", 1),
    ):
        await killed_at(at, name, after)
        text = await _whole(owner)
        assert not any(bid.identity in text for _, bid in made.values())
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True, True, True]
    assert len(await facts(double, "BidsOpened")) == 1


async def _whole(owner: asyncpg.Connection) -> str:
    """Everything in the tables of the opening, as text."""
    tables = ("opening", "opened_bid", "released_share", "shares_given", "bid_recovery")
    return "".join([str(await owner.fetch(f"SELECT t::text FROM {table} t")) for table in tables])
