"""Words as a search compares them: without case, accents or punctuation, in every language alike."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

MOST_TERMS = 12  # of one question; more words cost more and narrow nothing
ALIKE = 0.7  # of the letters, in order, that two spellings of one word share


def plain(text: str) -> str:
    """Lower case, without accents, words parted by single spaces."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", bare.casefold()))


def terms(words: str) -> list[str]:
    """The words of a question, each once, in their order."""
    return list(dict.fromkeys(plain(words).split()))[:MOST_TERMS]


def stem(term: str) -> str:
    """A word to be searched as a beginning. A plural's s goes, so that “roads” finds “road”."""
    return term[:-1] if len(term) > 3 and term.endswith("s") else term


def closest(term: str, words: Iterable[str]) -> str:
    """Of some words the one most like the term, where one is alike enough; else the term itself."""
    found = difflib.get_close_matches(term, dict.fromkeys(words), n=1, cutoff=ALIKE)
    return found[0] if found else term
