"""What msgspec spells is what the library for RFC 8785 spells, for everything that it is given."""

from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from procurement.kernel import canonical as spelling
from procurement.kernel.canonical import LARGEST, canonical

NAMES = st.text(st.characters(max_codepoint=0x7F)) | st.text()
LEAVES = (
    st.none() | st.booleans() | st.text() | st.text(st.characters(max_codepoint=0x7F)) | st.integers()
    | st.sampled_from([LARGEST, LARGEST + 1, -LARGEST, -LARGEST - 1]) | st.floats()
)  # fmt: skip
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20)
PLAIN: dict[str, Any] = {
    "b": (True, None, 0, -LARGEST, LARGEST, 'ä "quoted" \\ / 日本 \U0001f600'),
    "B": {},
    "a~": "",
    "": [{}],
}


@given(VALUES)
def test_every_value_is_spelled_as_by_the_library_or_refused_as_there(value: Any) -> None:
    try:
        wanted = rfc8785.dumps(value)
    except ValueError:
        with pytest.raises(ValueError):
            canonical(value)
    else:
        assert canonical(value) == wanted


def test_what_has_one_spelling_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = rfc8785.dumps(PLAIN)
    monkeypatch.setattr(spelling.rfc8785, "dumps", None)
    assert canonical(PLAIN) == wanted


@pytest.mark.parametrize(
    "value",
    [1.0, 1e21, LARGEST + 1, -LARGEST - 1, "\x00", "\x1f", "\x7f", "\u2028", "\ud800", {"\U0001f600": 1, "\uffff": 2},
     {"\n": 1}, {1: 1}, (1.5,), msgspec.UNSET],
)  # fmt: skip
def test_everything_else_is_the_librarys(value: Any) -> None:
    assert not spelling._has_one_spelling(value)
