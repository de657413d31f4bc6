"""The classification as a filter: where a search stands in the tree, what lies below, which codes its words mean."""

from datetime import tzinfo

import msgspec

from procurement.infra.search import TOLD, Collection, Count, Hits
from procurement.infra.tx import Tx
from procurement.publication.asked import Asked
from procurement.publication.rules.notice import code_beginning
from procurement.publication.service import classification, finding
from procurement.publication.service.classification import Category

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


async def tree(tx: Tx, asked: Asked, hits: Hits, alike: tuple[Branch, ...]) -> Tree:
    """For what a search finds; `alike` as they were counted."""
    line, below = await classification.classification_tree(tx, asked.code)
    exact = bool(line) and code_beginning(line[-1].code) == code_beginning(asked.code)
    above = line[:-1] if exact else line
    here = Branch(asked.code, line[-1].label if exact else asked.code) if asked.code else None
    return Tree(here, tuple(map(_branch, above)), _below(below, hits), alike)


def _below(below: list[Category], hits: Hits) -> tuple[Branch, ...]:
    """Where it was counted, only those in which something is."""
    counts = hits.facets.get("category")
    return tuple(map(_branch, below)) if counts is None else as_told(below, counts)


def as_told(below: list[Category], counts: tuple[Count, ...]) -> tuple[Branch, ...]:
    """What is too rare to be among the counts that are told stays, without one."""
    known = {one.value: one.count for one in counts}
    branches = [Branch(one.code, one.label, known.get(code_beginning(one.code))) for one in below]
    return tuple(one for one in branches if one.count or len(counts) >= TOLD)


async def meant(tx: Tx, asked: Asked) -> list[Category]:
    """Codes whose labels have the words that are searched, where they can lead on."""
    if not asked.q or asked.cpv or asked.after or asked.find is Collection.ORGANISATIONS:
        return []
    return await classification.codes_for(tx, asked.q, most=OFFERED)


def within(asked: Asked, code: str) -> Asked:
    """The same search by category instead of words."""
    return msgspec.structs.replace(asked, q="", cpv=code)


async def alike(tx: Tx, asked: Asked, zone: tzinfo, codes: list[Category], numbers: list[int]) -> tuple[Branch, ...]:
    """Of what was typed for a category every code; of what was searched only `codes` in which something is found, as
    often as `numbers` say, or the narrowest to which the first of them belongs."""
    if asked.cpv and not asked.code:
        return tuple(map(_branch, await classification.codes_for(tx, asked.cpv)))
    if (branches := with_counts(codes, numbers)) or not codes:
        return branches
    line, _ = await classification.classification_tree(tx, codes[0].code)
    for one in reversed(line[:-1]):
        question = within(asked, one.code).question(tx.now, zone=zone)
        if wider := with_counts([one], await finding.totals(tx, [question])):
            return wider
    return ()


def with_counts(codes: list[Category], numbers: list[int]) -> tuple[Branch, ...]:
    """Those in which something is."""
    return tuple(Branch(one.code, one.label, count) for one, count in zip(codes, numbers, strict=True) if count)


def _branch(one: Category) -> Branch:
    return Branch(one.code, one.label)
