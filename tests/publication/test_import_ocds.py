"""Files of other publishers, from the disk into the public record."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import anyio
import asyncpg
import pytest
from ocds_data import SAMPLES, needs_samples

from procurement.publication.importer.run import Report, import_files
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

RELEASE = {
    "ocid": "ocds-abc123-1", "id": "1", "date": "2026-01-02T03:04:05Z", "tag": ["tender"], "initiationType": "tender",
    "buyer": {"id": "B", "name": "Port of Sillbridge"},
    "tender": {"id": "1", "title": "Dredging", "status": "active", "value": {"amount": 5, "currency": "EUR"}},
}  # fmt: skip


async def run(settings: Settings, *paths: Path, source: str = "") -> Report:
    return await import_files(settings, list(paths), lambda _: None, source)


def counts(report: Report) -> tuple[int, int, int]:
    return report.accepted, report.known, report.refused


def reasons(report: Report) -> list[str]:
    return [json.loads(line)["reason"] for path in report.refusals for line in path.read_text().splitlines()]


def written(tmp_path: Path, text: str | bytes, name: str = "a.json") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


SHAPES = {
    "package": json.dumps({"uri": "http://port.example/1", "releases": [RELEASE]}),
    "package that names itself last": json.dumps({"releases": [RELEASE], "publisher": {"name": "ocds-abc123"}}),
    "bare release": json.dumps(RELEASE, indent=2),
    "JSON lines": json.dumps(RELEASE) + "\n\n" + json.dumps(RELEASE) + "\n",
    "array of packages": json.dumps([{"releases": [RELEASE]}, {"releases": [RELEASE]}]),
    "array of releases": json.dumps([RELEASE]),
    "record package": json.dumps({"records": [{"ocid": "ocds-abc123-1", "releases": [RELEASE]}]}),
    "record with links only": json.dumps(
        {"records": [{"ocid": "ocds-abc123-1", "releases": [{"url": "http://x"}], "compiledRelease": RELEASE}]}
    ),
    "byte-order mark": b"\xef\xbb\xbf" + json.dumps(RELEASE).encode(),
    "gzip": gzip.compress(json.dumps({"releases": [RELEASE]}).encode()),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_every_shape_of_file_gives_the_release(
    shape: str, settings: Settings, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    report = await run(settings, written(tmp_path, SHAPES[shape]))
    assert (report.accepted, report.refused) == (1, 0)
    row = await owner.fetchrow("SELECT title, buyer, amount, currency, outcome FROM notice")
    assert tuple(row or ()) == ("Dredging", "Port of Sillbridge", 500, "EUR", "")


async def test_a_second_import_changes_nothing(settings: Settings, tmp_path: Path, owner: asyncpg.Connection) -> None:
    path = written(tmp_path, SHAPES["package"])
    await run(settings, path)
    before = await state(owner)
    assert counts(await run(settings, path)) == (0, 1, 0)
    assert await state(owner) == before


async def state(owner: asyncpg.Connection) -> list[Any]:
    tables = ("imported_release", "notice", "ledger_record")
    return [await owner.fetch(f"SELECT * FROM {table} ORDER BY id") for table in tables]


async def test_each_batch_is_one_fact(settings: Settings, tmp_path: Path, owner: asyncpg.Connection) -> None:
    await run(settings, written(tmp_path, json.dumps([RELEASE, {"ocid": "x"}])), source="Port")
    body = json.loads(await owner.fetchval("SELECT body FROM ledger_record WHERE type = 'OcdsImported'"))
    assert {name: body["fact"][name] for name in ("source", "part", "accepted", "refused")} == {
        "source": "Port", "part": 0, "accepted": 1, "refused": 1,
    }  # fmt: skip


REFUSED = {
    "no OCID": {**RELEASE, "ocid": ""},
    "no release id": {**RELEASE, "id": None},
    "no date that can be read": {**RELEASE, "date": "soon"},
    "no tag of the codelist: it does not say which step it is": {**RELEASE, "tag": ["whatever"]},
    "it says nothing: no planning, tender, award or contract": {**RELEASE, "tender": None},
    "ocds-xmarrow-2026-0418 is an OCID of ours: only this service publishes it": {
        **RELEASE, "ocid": "ocds-xmarrow-2026-0418",
    },
    "the OCID is longer than 500 signs": {**RELEASE, "ocid": "o" * 501},
    "it has a NUL in a text, which no database takes": {**RELEASE, "buyer": {"id": "B", "name": "Port\0"}},
    "not an object: '5'": 5,
}  # fmt: skip


async def test_what_cannot_be_placed_is_refused_with_its_reason_and_nothing_else_is_lost(
    settings: Settings, tmp_path: Path
) -> None:
    report = await run(settings, written(tmp_path, json.dumps({"releases": [*REFUSED.values(), RELEASE]})))
    assert counts(report) == (1, 0, len(REFUSED))
    assert sorted(reasons(report)) == sorted(REFUSED)


async def test_a_backslash_before_u0000_is_text_like_any_other(settings: Settings, tmp_path: Path) -> None:
    named = {**RELEASE, "buyer": {"id": "B", "name": r"Port\u0000"}}
    assert counts(await run(settings, written(tmp_path, json.dumps(named)))) == (1, 0, 0)


async def test_a_line_that_is_not_json_costs_only_itself(settings: Settings, tmp_path: Path) -> None:
    lines = [json.dumps(RELEASE), '{"ocid": "cut', json.dumps({**RELEASE, "id": "2"})]
    assert counts(await run(settings, written(tmp_path, "\n".join(lines)))) == (2, 0, 1)


async def test_a_release_with_nan_is_taken_without_it(settings: Settings, tmp_path: Path) -> None:
    text = SHAPES["package"].replace('"amount": 5', '"amount": NaN')  # type: ignore[arg-type, union-attr]  # this one is a str
    assert counts(await run(settings, written(tmp_path, text))) == (1, 0, 0)


async def test_deep_nesting_is_refused_and_does_not_stop_the_import(settings: Settings, tmp_path: Path) -> None:
    deep = json.dumps(RELEASE).replace('"Dredging"', "[" * 100_000 + "]" * 100_000)
    assert counts(await run(settings, written(tmp_path, f"[{deep},{json.dumps(RELEASE)}]"))) == (1, 0, 1)


async def test_a_damaged_gzip_file_gives_what_came_before(settings: Settings, tmp_path: Path) -> None:
    many = [{**RELEASE, "id": str(number), "x": f"{number:x}" * 50} for number in range(20_000)]
    whole = gzip.compress(json.dumps(many).encode())
    report = await run(settings, written(tmp_path, whole[: len(whole) // 2]))
    assert report.accepted > 0
    assert report.refused > 0


async def test_a_file_that_is_not_there_is_reported(settings: Settings, tmp_path: Path) -> None:
    report = await run(settings, tmp_path / "none.json", written(tmp_path, SHAPES["package"]))
    assert counts(report) == (1, 0, 1)


async def test_two_texts_under_one_release_id_are_both_kept_and_the_later_counts(
    settings: Settings, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    other = {**RELEASE, "tender": {"id": "1", "title": "Dredging, corrected"}}
    assert counts(await run(settings, written(tmp_path, json.dumps([RELEASE, other])))) == (2, 0, 0)
    assert await owner.fetchval("SELECT title FROM notice") == "Dredging, corrected"


@needs_samples
@pytest.mark.parametrize(
    ("folder", "taken", "refused"),
    [("portugal", 100, 0), ("armenia", 100, 0), ("uk", 21, 0), ("fictional", 7, 0)],
    # the 11 records of the UK hold what is among its 21 releases
)
async def test_real_samples_are_taken(folder: str, taken: int, refused: int, settings: Settings) -> None:
    report = await run(settings, *sorted((SAMPLES / folder).rglob("*.json")))
    assert (report.accepted, report.refused) == (taken, refused)


MEASURE = """
import asyncio, re, sys
from pathlib import Path
from procurement.publication.importer.run import import_files
from procurement.settings import Settings
settings = Settings(database_url=sys.argv[1], data=sys.argv[2])
report = asyncio.run(import_files(settings, [Path(sys.argv[3])], print))
most = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())  # getrusage would count our parent's
print(report.accepted, int(most[1]) // 1024)
"""


async def test_a_hundred_megabytes_need_less_than_three_hundred_of_memory(settings: Settings, tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(2_000))
    path = tmp_path / "large.json"
    with path.open("w") as file:
        file.write('{"releases":[')
        for number in range(6_000):
            release = {**RELEASE, "ocid": f"ocds-abc123-{number}", "details": words}
            file.write(("," if number else "") + json.dumps(release))
        file.write("]}")
    assert path.stat().st_size > 100_000_000
    argv = [sys.executable, "-c", MEASURE, settings.database_url, settings.data, str(path)]
    measured = await anyio.run_process(argv)
    taken, megabytes = map(int, measured.stdout.decode().splitlines()[-1].split())
    assert taken == 6_000
    assert megabytes < 300
