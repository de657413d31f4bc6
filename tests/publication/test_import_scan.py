"""Cutting releases out of streams, however the stream is cut into chunks."""

import json

import pytest

from procurement.publication.importer import scan as scanning
from procurement.publication.importer.scan import Lost, Piece, scan


def found(text: bytes, size: int = 7) -> list[Piece | Lost]:
    return list(scan([text[place : place + size] for place in range(0, len(text), size)]))


def cut(text: bytes) -> list[str]:
    """What was cut out: the bytes of a piece, or the reason why not; the same for every size of chunk."""
    pieces = found(text)
    assert pieces == found(text, 1) == found(text, 1000)
    return [piece.raw.decode() if isinstance(piece, Piece) else piece.reason for piece in pieces]


def test_a_package_gives_its_releases_and_then_itself() -> None:
    package = b'{"uri":"x","releases":[{"ocid":"a","t":{"q":[1,{"z":"]\\"}"}]}}, {"ocid":"b"}],"publisher":{}}'
    assert cut(package) == [
        '{"ocid":"a","t":{"q":[1,{"z":"]\\"}"}]}}',
        '{"ocid":"b"}',
        '{"uri":"x","releases":[],"publisher":{}}',
    ]


def test_a_release_knows_what_its_package_said_before_it() -> None:
    first = found(b'{"publisher":{"name":"P"},"releases":[{"ocid":"a"}]}')[0]
    assert isinstance(first, Piece)
    assert json.loads(first.head) == {"publisher": {"name": "P"}, "releases": []}


def test_packages_and_bare_releases_may_stand_in_one_array() -> None:
    pieces = found(b'[{"uri":"x","releases":[{"ocid":"a"}]},{"ocid":"bare"}]')
    assert [(piece.place, piece.kind) for piece in pieces if isinstance(piece, Piece)] == [
        ("0/releases/0", "releases"),
        ("0", "whole"),
        ("1", "whole"),
    ]


def test_documents_may_follow_each_other() -> None:
    assert cut(b'{"ocid":"a"}\n{"ocid":"b"}\n') == ['{"ocid":"a"}', '{"ocid":"b"}']


def test_what_is_no_object_costs_only_itself() -> None:
    assert cut(b'{"releases":[1,{"ocid":"a"},NaN,{"a":NaN}]}') == [
        "not an object: '1'",
        '{"ocid":"a"}',
        "not an object: 'NaN'",
        '{"a":NaN}',
        '{"releases":[]}',
    ]


def test_a_file_cut_short_gives_what_came_before() -> None:
    assert cut(b'{"releases":[{"ocid":"a"},{"ocid":"b","x":"cut') == ['{"ocid":"a"}', "the file is cut off here"]


def test_a_web_page_is_no_ocds() -> None:
    assert cut(b'<html class="error">') == ["no JSON object: '<html class=\"error\">'"]


@pytest.mark.parametrize("nothing", [b"", b"  \n", b'{"releases":[]}', b"[]"])
def test_nothing_is_lost_where_there_is_nothing(nothing: bytes) -> None:
    assert not [piece for piece in found(nothing) if isinstance(piece, Lost) or piece.kind != "whole"]


def test_a_release_too_long_to_keep_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "LONGEST", 100)
    long = b'{"ocid":"long","items":[' + b",".join([b'{"id":1}'] * 50) + b"]}"
    pieces = found(b'{"releases":[' + long + b',{"ocid":"b"}]}')
    assert [type(piece) for piece in pieces] == [Lost, Piece, Piece]
