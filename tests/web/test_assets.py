"""The built assets: ours by look, small, and complete."""

import gzip
import re
from pathlib import Path

import pytest

from procurement.infra.web.templates import environment
from procurement.settings import Settings

STATIC = Path(__file__).parents[2] / "frontend" / "static"
BUILT = STATIC / "built"
SHEETS = sorted(BUILT.glob("*.css"))
LETTERS = ("public-sans-latin.woff2", "besley-latin.woff2")  # what every page of English fetches


def zipped(content: bytes) -> int:
    return len(gzip.compress(content))


def test_the_assets_are_built() -> None:
    assert SHEETS, "run `python frontend/build.py`"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_sheets_have_nothing_of_another_house(sheet: Path) -> None:
    css = sheet.read_text()
    assert not re.search(r"GDS Transport|crest|crown|https?://", css)
    assert not re.search(r"[{;](margin|padding|border)-(left|right)", css), "use logical properties"
    assert "& " not in css, "nested rules are flattened for older browsers"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_sheets_fetch_only_built_files_by_the_hash_of_their_content(sheet: Path) -> None:
    for address in re.findall(r"url\(\"?([^)\"]+)", sheet.read_text()):
        found = re.fullmatch(r"/static/built/([\w.-]+)\?v=[0-9a-f]{10}", address)
        assert found and (BUILT / found[1]).exists(), address


def test_css_and_script_of_a_page_stay_under_25_kb() -> None:
    page_sheets = [zipped(sheet.read_bytes()) for sheet in SHEETS if sheet.name != "app.css"]
    assert zipped((BUILT / "app.css").read_bytes()) + max(page_sheets) < 25_000
    assert zipped((BUILT / "app.js").read_bytes()) < 25_000


def test_the_heaviest_page_without_data_is_under_100_kb_cold() -> None:
    env = environment(Settings(country_name="Republic of Marrow"))
    page = zipped(env.get_template("about/sealing.html").render().encode())
    files = [zipped((BUILT / name).read_bytes()) for name in ("app.css", "app.js", "edge-h.svg", "security.svg")]
    letters = [(BUILT / name).stat().st_size for name in LETTERS]
    assert page + sum(files) + sum(letters) + zipped((STATIC / "mark.svg").read_bytes()) < 100_000


def test_what_we_serve_carries_its_licences() -> None:
    for name in ("govuk-frontend", "public-sans", "besley", "ibm-plex-mono"):
        assert (BUILT / f"LICENSE-{name}.txt").read_text().strip()
