"""The seal of a draft: its level, and at S2 and S3 who holds the second lock."""

from collections.abc import Sequence

from procurement.holders import service as holders
from procurement.holders.service import About, Chosen, Level
from procurement.infra.tx import Tx
from procurement.rulebooks import service as rulebooks
from procurement.tenders.rules.seal import asked
from procurement.tenders.service.drafting import editable
from procurement.tenders.service.reading import own_tender, tender


async def choose_seal(tx: Tx, tender_id: str, level: Level, quorum: int, members: Sequence[str]) -> Chosen | None:
    """Choose level, holders and how many of them open; None at S1, which has none. Holders are asked to sign.

    Refused("not-a-draft"), ("not-permitted", 403), ("form-invalid", 422) below what the rulebook asks.
    """
    draft = await editable(tx, tender_id)
    about = About(subject=draft.id, process=draft.ocid, buyer=draft.buyer, title=draft.title)
    wanted = asked(await rulebooks.active(tx), draft.value)
    return await holders.choose(tx, about, level, quorum, members, wanted)


async def roster(tx: Tx, tender_id: str) -> Chosen | None:
    """Who holds the second lock: of a public tender for everybody, of a draft for its buyer. None at level S1."""
    if not (await tender(tx, tender_id)).is_public:
        await own_tender(tx, tender_id)
    return await holders.roster(tx, tender_id)
