"""Ornaments: computed, the same everywhere, another byte another seal."""

import hashlib
import itertools
import re

from procurement.infra.web.engrave import STRANDS, micro, ornaments, rosette, strands
from procurement.infra.web.lifeline import KEYS

DIGEST = hashlib.sha256(b"harbour paving").hexdigest()


def test_the_same_digest_is_the_same_seal() -> None:
    assert rosette(DIGEST) == rosette.__wrapped__(DIGEST)
    assert len(rosette(DIGEST).rings) == 3 and rosette(DIGEST).rim.count("M") == 64


def test_any_other_byte_is_another_seal() -> None:
    altered = [DIGEST[:place] + ("0" if DIGEST[place] != "0" else "1") + DIGEST[place + 1 :] for place in range(64)]
    seals = [rosette(digest) for digest in (DIGEST, *altered)]
    assert all(one != other for one, other in itertools.combinations(seals, 2))


def test_there_are_always_five_strands() -> None:
    assert {shape: len(strands(shape)) for shape in ("line", "sealed", "opening", "evaluation")} == {
        "line": 1,
        "sealed": STRANDS,
        "opening": STRANDS,
        "evaluation": STRANDS,
    }


def test_the_small_line_has_the_same_length_at_every_stage() -> None:
    assert len({micro(key, KEYS).width for key in KEYS}) == 1
    dots = [micro(key, KEYS).dot for key in KEYS]
    assert dots == sorted(set(dots))


def test_ornaments_are_small_and_carry_no_style() -> None:
    for name, svg in ornaments().items():
        assert len(svg) < 10_000 and not re.search("style|script", svg), name
