"""Releases, the packages they are published in, and the record of a procurement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from procurement.publication.ocds.merge import compiled_release
from procurement.publication.ocds.parts import Json, moment

VERSION = "1.1"
_HOME = "https://raw.githubusercontent.com/open-contracting-extensions"
EXTENSIONS = [f"{_HOME}/ocds_{name}_extension/v1.1.5/extension.json" for name in ("bid", "lots")]
LICENCE = "https://opendatacommons.org/licenses/pddl/1-0/"

encoder = msgspec.json.Encoder(decimal_format="number")


class Publisher(msgspec.Struct, frozen=True):
    """Whose releases these are: a name, and the address under which they are found."""

    name: str
    base_url: str


def release(ocid: str, id_: str, date: datetime, tag: Sequence[str], language: str, **sections: Any) -> Json:
    """One step of a procurement, as an OCDS 1.1 release. Sections that say nothing are left out."""
    said = {name: section for name, section in sections.items() if section}
    head = {"ocid": ocid, "id": id_, "date": moment(date), "tag": list(tag), "initiationType": "tender"}
    return {**head, "language": language, **said}


def release_package(publisher: Publisher, ocid: str, bodies: Sequence[bytes], at: datetime) -> bytes:
    """`bodies` are releases as they were stored: they go out byte for byte."""
    return _package(publisher, f"/ocds/releases/{ocid}", at, releases=[msgspec.Raw(body) for body in bodies])


def record_package(publisher: Publisher, ocid: str, bodies: Sequence[bytes], at: datetime) -> bytes:
    """Every release, and the compiled one: how the procurement stands."""
    compiled = compiled_release([msgspec.json.decode(body) for body in bodies])
    record = {"ocid": ocid, "releases": [msgspec.Raw(body) for body in bodies], "compiledRelease": compiled}
    return _package(publisher, f"/ocds/record/{ocid}", at, records=[record])


def _package(publisher: Publisher, path: str, at: datetime, **content: Any) -> bytes:
    head = {
        "uri": publisher.base_url + path,
        "version": VERSION,
        "extensions": EXTENSIONS,
        "publishedDate": moment(at),
        "publisher": {"name": publisher.name or publisher.base_url, "uri": publisher.base_url},
        "license": LICENCE,
    }
    return encoder.encode(head | content)
