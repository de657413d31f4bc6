"""Words that were searched for, marked in what is shown. Everything around them is escaped."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from procurement.kernel.words import plain, stem, terms

WORDS = re.compile(r"(\w+)")  # splitting by it, every other part is a word
BEFORE, LONGEST = 60, 180  # letters of an excerpt: before its first marked word, and in all


class Marks:
    """What to mark: the words of a question, and those that an engine says it matched in one item."""

    def __init__(self, words: str, matched: Iterable[str] = ()) -> None:
        self.beginnings = tuple(stem(term) for term in terms(words))
        self.whole = {part for one in matched for part in plain(one).split()}

    def mean(self, word: str) -> bool:
        bare = plain(word)
        return bare in self.whole or bool(self.beginnings and bare.startswith(self.beginnings))

    def on(self, text: str) -> Markup:
        """The text with these words marked."""
        return Markup("").join(
            Markup("<mark>{}</mark>").format(part) if place % 2 and self.mean(part) else escape(part)
            for place, part in enumerate(WORDS.split(text))
        )

    def excerpt(self, text: str) -> Markup:
        """The part of a longer text around the first of these words; "" where it has none."""
        first = next((found.start() for found in WORDS.finditer(text) if self.mean(found[0])), None)
        if first is None:
            return Markup("")
        begins = text.rfind(" ", 0, max(0, first - BEFORE)) + 1 if first > BEFORE else 0
        ends = len(text) if len(text) <= begins + LONGEST else text.rfind(" ", first + 1, begins + LONGEST)
        ends = ends if ends > first else begins + LONGEST
        return Markup("{}{}{}").format(
            "… " if begins else "", self.on(text[begins:ends]), " …" if ends < len(text) else ""
        )


def marked(text: str, words: str) -> Markup:
    """The text with the words that were searched for in it marked."""
    return Marks(words).on(text)
