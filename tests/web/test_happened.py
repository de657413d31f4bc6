"""Whoever reads the public record reads what happened, and not how the program calls it."""

import re
import sys
from pathlib import Path

from procurement.infra.web.happened import SENTENCES, sentence
from procurement.infra.web.templates import environment
from procurement.settings import Settings

sys.path.append(str(Path(__file__).parents[2] / "tools"))

import at_once  # a tool beside the tests

OURS = r"\b(roster|shares?|digest|envelope|checkpoint|ledger|seal level|fact|facts)\b"  # words that need explaining


def test_every_fact_has_a_sentence_and_no_sentence_lacks_its_fact() -> None:
    assert set(SENTENCES) == set(at_once.facts()), "give each fact its sentence in infra/web/happened.py"


def test_no_two_facts_are_told_alike() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)


def test_a_sentence_needs_no_other_to_be_understood() -> None:
    assert [said for said in SENTENCES.values() if re.search(OURS, said, re.IGNORECASE)] == []


def test_pages_draw_it_and_a_fact_of_a_newer_program_by_its_name() -> None:
    drawn = environment(Settings()).from_string("{{ type | happened }}")
    assert drawn.render(type="RosterFrozen") == "The key holders of this tender were fixed"
    assert drawn.render(type="BridgeInspected") == "Bridge inspected" == sentence("BridgeInspected")
