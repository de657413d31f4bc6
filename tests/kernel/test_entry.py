"""What stands in the log for a record: hidden or open, never both."""

import pytest

from procurement.kernel import merkle, tiles
from procurement.kernel.entry import entry_for, entry_hash, gives, is_entry, is_open, open_entry

SALT, RECORD = b"s" * 32, b'{"type":"TenderPublished"}'
HIDDEN, OPEN = entry_hash(SALT, RECORD), open_entry(SALT, RECORD)


def test_an_open_entry_tells_that_it_is_one_and_a_hidden_one_tells_nothing() -> None:
    assert (len(HIDDEN), len(OPEN), OPEN[:1]) == (32, 33, b"\x01")
    assert is_open(OPEN) and not is_open(HIDDEN)
    assert not is_open(b"\x01" + HIDDEN[1:]), "a hash may begin with the mark"
    assert (entry_for(SALT, RECORD, at_once=True), entry_for(SALT, RECORD, at_once=False)) == (OPEN, HIDDEN)


def test_the_hash_of_an_open_entry_is_of_a_kind_of_its_own() -> None:
    """Else a hidden entry could be an open one without its mark, and its leaf shown as either."""
    assert HIDDEN not in OPEN
    assert merkle.leaf_hash(OPEN) != merkle.leaf_hash(HIDDEN)
    assert not gives(SALT, RECORD, b"\x01" + HIDDEN) and not gives(SALT, RECORD, OPEN[1:])


def test_a_record_gives_its_entry_and_no_other() -> None:
    for entry in (HIDDEN, OPEN):
        assert gives(SALT, RECORD, entry)
        assert not gives(SALT, RECORD + b" ", entry) and not gives(SALT[::-1] + b"x", RECORD, entry)


@pytest.mark.parametrize("other", [b"", HIDDEN[:-1], b"\x02" + HIDDEN, b"\x00" + HIDDEN, OPEN + b"\x00"])
def test_there_are_two_kinds_of_entries_and_no_third(other: bytes) -> None:
    assert is_entry(HIDDEN) and is_entry(OPEN) and not is_entry(other)


def test_a_bundle_holds_entries_of_either_length() -> None:
    some = [HIDDEN, OPEN, OPEN, HIDDEN]
    made = tiles.bundle(some)
    assert made[:2] == b"\x00\x20" and made[34:36] == b"\x00\x21"
    assert tiles.unbundled(made) == some and tiles.unbundled(b"") == []
    for cut in (made[:-1], made + b"\x00", made + b"\x00\x20"):
        with pytest.raises(ValueError, match="cut off"):
            tiles.unbundled(cut)
