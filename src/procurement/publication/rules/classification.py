"""Classification codes: their order, and what of their labels is searched. CPV is one scheme of several."""

import re
from collections.abc import Collection, Iterable, Iterator

import msgspec

from procurement.publication.rules.notice import code_beginning

LONGEST_LABEL = 500
CODE = re.compile(r"[0-9A-Za-z.-]{2,20}")
# “Office machinery except computers and furniture” is about neither computers nor furniture.
EXCEPTION = re.compile(r"[,;(]?\s*\b(except(?:ing)?|excluding|other than)\b.*", re.IGNORECASE)


class Label(msgspec.Struct, frozen=True):
    """One code of a scheme with its label; `parent` is the code it belongs to, "" at the top."""

    code: str
    label: str
    parent: str = ""

    @property
    def beginning(self) -> str:
        """By which notices are searched."""
        return code_beginning(self.code)


class Defect(msgspec.Struct, frozen=True):
    """A row that cannot be taken. `line` counts from 1, the heading among them."""

    line: int
    reason: str


def read(rows: Iterable[dict[str, str | None]]) -> Iterator[Label | Defect]:
    """The rows of a table with the columns `code` and `label`. Of a code given twice the first counts."""
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        code, label = ((row.get(name) or "").strip() for name in ("code", "label"))
        if reason := _defect(code, label, seen):
            yield Defect(line, reason)
        else:
            seen.add(code)
            yield Label(code, " ".join(label.split()))


def _defect(code: str, label: str, seen: Collection[str]) -> str:
    if not CODE.fullmatch(code) or len(code_beginning(code)) < 2:
        return f"“{code[:40]}” is no code: two digits at least, at most 20 letters, digits, points and hyphens"
    if not label:
        return f"{code} has no label"
    if len(label) > LONGEST_LABEL:
        return f"the label of {code} is longer than {LONGEST_LABEL} signs"
    return f"{code} is given twice" if code in seen else ""


def with_parents(labels: Iterable[Label]) -> list[Label]:
    """Each code belongs to the one with the longest beginning of its own."""
    given = list(labels)
    by_beginning = {one.beginning: one.code for one in given}
    return [msgspec.structs.replace(one, parent=_parent(one.beginning, by_beginning)) for one in given]


def _parent(beginning: str, codes: dict[str, str]) -> str:
    return next((codes[shorter] for shorter in beginnings(beginning)[1:] if shorter in codes), "")


def beginnings(beginning: str) -> list[str]:
    """A code's beginning and all shorter ones, the longest first, down to two digits."""
    return [beginning[:length] for length in range(len(beginning), 1, -1)]


def searched(label: str) -> str:
    """What of a label is searched: not what it says that it does not mean."""
    return EXCEPTION.sub("", label).strip()
