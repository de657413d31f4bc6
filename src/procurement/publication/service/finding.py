"""What a search finds, loaded from the database: an engine gives ids, and what is gone since is left out."""

from collections.abc import Iterable, Sequence

from procurement.infra.search import Collection, Hits, Question
from procurement.infra.tx import Tx
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.search import engine
from procurement.publication.service.lines import award_lines, organisation_lines
from procurement.publication.service.reading import notices

totals = engine.totals

Item = Notice | AwardLine | OrganisationLine


async def find(tx: Tx, question: Question) -> tuple[Hits, tuple[Item, ...]]:
    """The hits of any collection, and the items in their order. See `search` for notices alone."""
    hits, items, _ = await find_beside(tx, question, ())
    return hits, items


async def find_beside(
    tx: Tx, question: Question, others: Sequence[Question]
) -> tuple[Hits, tuple[Item, ...], list[int]]:
    """The same, and how many each of the `others` finds, beyond BESIDE only that it is more."""
    hits, numbers = await engine.search_beside(tx, question, others)
    items = await _items(tx, question.collection, hits.found)
    return hits, tuple(items[id_] for id_ in hits.found if id_ in items), numbers


async def names(tx: Tx, organisations: Iterable[str]) -> dict[str, str]:
    """What buyers and suppliers are called in the public record, by id; nobody who is not in it."""
    wanted = set(organisations)
    return {id_: one.name for id_, one in (await organisation_lines(tx, wanted)).items()} if wanted else {}


async def _items(tx: Tx, collection: Collection, ids: Iterable[str]) -> dict[str, Item]:
    if collection is Collection.AWARDS:
        return dict(await award_lines(tx, ids))
    return dict(await (organisation_lines(tx, ids) if collection is Collection.ORGANISATIONS else notices(tx, ids)))
