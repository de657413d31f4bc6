"""What else a word may be called, and which words say nothing."""

import pytest

from procurement.kernel.words import plain, stem
from procurement.publication.rules.vocabulary import (
    AMBIGUOUS,
    STOP_WORDS,
    forms,
    groups,
    meanings,
    plurals,
    synonyms,
)


def called(words: str) -> list[set[str]]:
    return [{" ".join(phrase) for phrase in part} for part in meanings(words)]


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("laptops", "portable computer"),
        ("Highways", "road"),
        ("street works", "roadwork"),
        ("personal protective equipment", "ppe"),
        ("IT", "information technology"),
        ("invitation to tender", "bid notice"),
        ("Straße", "road"),
        ("centro", ""),
    ],
)
def test_things_are_known_by_their_other_names(words: str, other: str) -> None:
    (part,) = called(words)
    assert other in part if other else part == {plain(words)}


def test_stop_words_go_unless_nothing_else_is_asked() -> None:
    assert [min(part) for part in called("paint of the walls")] == ["paint", "walls"]
    assert called("of the") == [{"of"}, {"the"}]


def test_a_word_of_many_meanings_is_never_what_another_is_sent_to() -> None:
    everything = {other for others in synonyms().values() for other in others}
    assert not everything & AMBIGUOUS
    assert any("it" in group for group in groups()), "though it can be asked for"


@pytest.mark.parametrize("group", groups(), ids=lambda group: group[0])
def test_groups_are_plain_and_in_the_singular(group: tuple[str, ...]) -> None:
    assert len(set(group)) == len(group) > 1
    for phrase in group:
        assert phrase == plain(phrase)
        last = phrase.split()[-1]
        assert last == stem(last) or last in {"access", "krankenhaus"}


def test_a_stop_word_means_nothing_by_itself() -> None:
    assert not STOP_WORDS & {phrase for group in groups() for phrase in group}
    assert "it" not in STOP_WORDS


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("roads", ("road",)), ("companies", ("companie", "company")), ("company", ("company", "companies")),
        ("switches", ("switch",)), ("boxes", ("box",)), ("bus", ("bus",)), ("glass", ("glas",)),
    ],
)  # fmt: skip
def test_singular_and_plural_find_each_other(word: str, found: tuple[str, ...]) -> None:
    assert forms(word) == found


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("air ticket", "air tickets"),
        ("office supply", "office supplies"),
        ("computador portatil", "computadores portateis"),
        ("passagem aerea", "passagens aereas"),
        ("curso de formacao", "cursos de formacoes"),
    ],
)
def test_a_phrase_is_known_in_the_plural(phrase: str, found: str) -> None:
    assert found in plurals(phrase)
    assert plurals(phrase)[0] == phrase


@pytest.mark.parametrize(
    ("one", "many"), [("portatil", "portateis"), ("ligacao", "ligacoes"), ("battery", "batteries")]
)
def test_either_number_is_a_beginning_of_the_other(one: str, many: str) -> None:
    assert any(many.startswith(form) for form in forms(one))
    assert any(one.startswith(form) for form in forms(many))
