"""The judged searches are what they say they are, and are measured as nDCG is."""

from math import log2

import pytest
from ocds_data import SAMPLES, needs_samples

from procurement.bench.relevance import ndcg, searches


def test_there_are_sixty_of_eight_kinds_each_with_something_to_find() -> None:
    found = searches()
    assert len(found) == 60
    assert len({one.group for one in found}) == 8
    for one in found:
        ocids = [ocid for _, ocid, _ in one.judged]
        assert len(set(ocids)) == len(ocids)
        assert max(grade for grade, _, _ in one.judged) == 3
        assert all(0 < grade <= 3 and why for grade, _, why in one.judged)
        assert one.question().size == 10


@needs_samples
def test_every_judged_procurement_is_among_the_samples() -> None:
    text = "".join(path.read_text(encoding="utf-8-sig") for path in SAMPLES.rglob("*.json"))
    assert [ocid for one in searches() for _, ocid, _ in one.judged if f'"{ocid}"' not in text] == []


@pytest.mark.parametrize(
    ("found", "figure"),
    [
        (["a", "b", "c"], 1.0),
        (["x", "y"], 0.0),
        ([], 0.0),
        (["b", "a", "c"], (3 + 7 / log2(3) + 1 / 2) / (7 + 3 / log2(3) + 1 / 2)),
        (["x"] * 10 + ["a", "b", "c"], 0.0),
    ],
)
def test_the_best_order_is_one_and_what_stands_lower_counts_less(found: list[str], figure: float) -> None:
    assert ndcg(found, {"a": 3, "b": 2, "c": 1}) == pytest.approx(figure)
