"""The classification as a filter: where a search stands in the tree, and what lies below."""

import msgspec

from procurement.infra.tx import Tx
from procurement.publication.asked import Asked


class Category(msgspec.Struct, frozen=True):
    """`count`: how many of what was found are in it; None where nobody counted."""

    code: str
    label: str
    count: int | None = None


class Tree(msgspec.Struct, frozen=True):
    """`here` is the code asked for with what is `above` and `below` it; `alike` what has the words asked for."""

    here: Category | None = None
    above: tuple[Category, ...] = ()
    below: tuple[Category, ...] = ()
    alike: tuple[Category, ...] = ()


async def tree(tx: Tx, asked: Asked) -> Tree:
    return Tree()
