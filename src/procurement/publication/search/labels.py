"""What classification codes are called, for words instead of codes."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.publication.rules.classification import beginnings, searched
from procurement.publication.rules.notice import code_beginning
from procurement.publication.tables import ClassificationRow


class Labels(msgspec.Struct, frozen=True):
    """Of the codes of one item, `own`; and of everything these belong to, `broader`. One a line."""

    own: str
    broader: str


class Book:
    """The labels of some codes, read at once. A code is written with its scheme: "CPV 30213100-6"."""

    def __init__(self, labels: dict[tuple[str, str], dict[str, None]]) -> None:
        self._labels = labels

    def of(self, codes: Iterable[str]) -> Labels:
        own, broader = dict[str, None](), dict[str, None]()
        for code in codes:
            scheme, written = code.split(" ", 1)
            named = [self._labels.get((scheme, one), {}) for one in beginnings(code_beginning(written))]
            found = [labels for labels in named if labels]
            own |= found[0] if found else {}
            for labels in found[1:]:
                broader |= labels
        return Labels("\n".join(own), "\n".join(label for label in broader if label not in own))


async def book(tx: Tx, codes: Iterable[str]) -> Book:
    """In every language that was loaded: notices are searched in more than one."""
    wanted = {(scheme, code_beginning(code)) for scheme, code in (one.split(" ", 1) for one in set(codes))}
    every = {shorter for _, beginning in wanted for shorter in beginnings(beginning)}
    labels: dict[tuple[str, str], dict[str, None]] = {}
    if not every:
        return Book(labels)
    rows = select(ClassificationRow.scheme, ClassificationRow.beginning, ClassificationRow.label).where(
        ClassificationRow.scheme.in_({scheme for scheme, _ in wanted}), ClassificationRow.beginning.in_(every)
    )
    for row in await tx.session.execute(rows.order_by(ClassificationRow.language, ClassificationRow.code)):
        labels.setdefault((row.scheme, row.beginning), {})[searched(row.label)] = None
    return Book(labels)
