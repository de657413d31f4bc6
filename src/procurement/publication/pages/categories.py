"""The classification as a filter: where a search stands in the tree, what lies below, which codes its words mean."""

from datetime import tzinfo

import msgspec

from procurement.infra.search import TOLD, Count, Hits, Question
from procurement.infra.tx import Tx
from procurement.publication.asked import Asked
from procurement.publication.rules.notice import code_beginning
from procurement.publication.service import classification, finding
from procurement.publication.service.classification import Category

FEW = 2_000  # hits up to which it is counted how many are in each category
OFFERED = 3  # categories for the words of a search


class Branch(msgspec.Struct, frozen=True):
    """A code to choose; `count` is how many of what was found are in it, None where nobody counted."""

    code: str
    label: str
    count: int | None = None


class Tree(msgspec.Struct, frozen=True):
    """`here` is the code asked for, with what is `above` and `below` it; without one, `below` are the widest codes.
    `alike` are codes whose labels have the words that were typed for a category, or searched."""

    here: Branch | None = None
    above: tuple[Branch, ...] = ()
    below: tuple[Branch, ...] = ()
    alike: tuple[Branch, ...] = ()


async def tree(tx: Tx, asked: Asked, zone: tzinfo, hits: Hits) -> Tree:
    """For what a search finds."""
    line, below = await classification.classification_tree(tx, asked.code)
    exact = bool(line) and code_beginning(line[-1].code) == code_beginning(asked.code)
    above = line[:-1] if exact else line
    here = Branch(asked.code, line[-1].label if exact else asked.code) if asked.code else None
    return Tree(
        here, tuple(map(_branch, above)), await _counted(tx, asked, zone, below, hits), await _alike(tx, asked, zone)
    )


async def _counted(tx: Tx, asked: Asked, zone: tzinfo, below: list[Category], hits: Hits) -> tuple[Branch, ...]:
    """Where it was counted, only those in which something is: by the engine that answered, or else by PostgreSQL."""
    if (counts := hits.facets.get("category")) is not None:
        return as_told(below, counts)
    if hits.total > FEW:
        return tuple(map(_branch, below))
    return await _with_counts(tx, asked.question(tx.now, zone=zone), below)


def as_told(below: list[Category], counts: tuple[Count, ...]) -> tuple[Branch, ...]:
    """What is too rare to be among the counts that are told stays, without one."""
    known = {one.value: one.count for one in counts}
    branches = [Branch(one.code, one.label, known.get(code_beginning(one.code))) for one in below]
    return tuple(one for one in branches if one.count or len(counts) >= TOLD)


async def _alike(tx: Tx, asked: Asked, zone: tzinfo) -> tuple[Branch, ...]:
    """Of what was typed for a category every code; of what was searched only codes in which something is found, or the
    narrowest to which the first of them belongs."""
    if asked.cpv and not asked.code:
        return tuple(map(_branch, await classification.codes_for(tx, asked.cpv)))
    if not asked.q or asked.code or asked.after:
        return ()
    found = await classification.codes_for(tx, asked.q, most=OFFERED)
    question = msgspec.structs.replace(asked, q="").question(tx.now, zone=zone)
    if (branches := await _with_counts(tx, question, found)) or not found:
        return branches
    wider, _ = await classification.classification_tree(tx, found[0].code)
    return (await _with_counts(tx, question, wider[:-1]))[-1:]


async def _with_counts(tx: Tx, question: Question, codes: list[Category]) -> tuple[Branch, ...]:
    """Those in which something is."""
    counts = await finding.in_categories(tx, question, [one.code for one in codes])
    return tuple(Branch(one.code, one.label, counts[one.code]) for one in codes if counts[one.code])


def _branch(one: Category) -> Branch:
    return Branch(one.code, one.label)
