"""The envelopes of an opening one by one: the key of each asked for or joined, the envelope opened, and staged."""

from collections.abc import Awaitable, Callable
from functools import partial

from procurement.bids import service as bids
from procurement.bids.service import FinalEnvelope
from procurement.holders.rules.model import Chosen
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import must_name_roster, parse_envelope
from procurement.opening.service import joining, recovering
from procurement.opening.service.acts import FIRST, Act
from procurement.opening.service.staging import LOST, OURS, open_bid
from procurement.tenders.rules.model import Tender

OPENER = system("opening")

Key = Callable[[FinalEnvelope], Awaitable[str]]
"""The identity that a bid was sealed to. Refused for what is wrong with the bid, or with us."""


async def open_each(
    database: Database,
    keyholder: Keyholder,
    files: Files,
    tender: Tender,
    leaf: str,
    chosen: Chosen | None,
    act: Act = FIRST,
) -> None:
    """Stage what can be staged; with key holders, what enough of them gave for. `leaf` names what was released. Refused
    for what is our own fault."""
    if chosen is None:
        unstaged = partial(joining.unstaged, act=act)
        await _stage_each(database, files, tender, act, unstaged, _alone(keyholder, leaf))
        return
    held = joining.Held(database, OPENER, tender, chosen.roster, act)
    await held.release(keyholder, leaf)
    await _stage_each(database, files, tender, act, held.ready, held.joined)
    async with database.begin(OPENER) as tx:
        await recovering.ask(tx, tender, chosen, act)


def _alone(keyholder: Keyholder, leaf: str) -> Key:
    """Level S1: the keyholder's word is enough, unless the bid was sealed to key holders too."""

    async def identity(bid: FinalEnvelope) -> str:
        must_name_roster(parse_envelope(bid.envelope), None)
        return await keyholder.unlock(leaf, bid.envelope)

    return identity


async def _stage_each(
    database: Database,
    files: Files,
    tender: Tender,
    act: Act,
    which: Callable[[Tx, str], Awaitable[list[FinalEnvelope]]],
    key: Key,
) -> None:
    """Refused, at the end, for parts that we lost: every bidder who can deposit theirs again is told at once."""
    async with database.begin(OPENER) as tx:
        waiting = await which(tx, tender.id)
    lost: Refused | None = None
    for bid in waiting:
        try:
            opened = await open_bid(files, tender, bid, await key(bid))
        except Refused as no:
            if no.code in LOST:
                await bids.note_lost(database, files, bid)
                lost = no
                continue
            if no.code in OURS:
                raise
            opened = no
        async with database.begin(OPENER) as tx:
            if not await act.stage(tx, tender, bid, opened):
                return
    if lost:
        raise lost
