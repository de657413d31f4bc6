"""The words that search knows: labels of classification codes, how often a word occurs, how far deriving has come."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class ClassificationRow(Table):
    """One code of a scheme with its label in one language. `beginning` is the code without its trailing zeros and check
    digit, as notices are searched by it; `parent` is the code that it belongs to, "" at the top."""

    __tablename__ = "classification"
    __table_args__ = (
        Index("classification_beginning", "beginning"),
        Index("classification_parent", "scheme", "language", "parent"),
        Index("classification_tsv", "tsv", postgresql_using="gin"),
    )

    scheme: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    beginning: Mapped[str]
    parent: Mapped[str]
    tsv: Mapped[str] = mapped_column(TSVECTOR, deferred=True, deferred_raiseload=True)


class WordRow(Table):
    """How many of the newest items of a collection have a word: counted now and then, to guess what was meant."""

    __tablename__ = "search_word"
    __table_args__ = (
        Index("search_word_alike", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )

    collection: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class DerivationRow(Table):
    """How far the rows of search have been derived anew from the releases: up to the notice `after`, until `done`.

    `edition` is that of the rules they were derived by, which grows with these; labels that come later begin it again.
    """

    __tablename__ = "derivation"

    name: Mapped[str] = mapped_column(primary_key=True)
    edition: Mapped[int]
    after: Mapped[str]
    done: Mapped[bool]
    at: Mapped[datetime]
