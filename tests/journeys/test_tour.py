"""The tour: one procurement from draft to contract over HTTP, then checked by a stranger with a kept checkpoint."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from ocds_data import SAMPLES, needs_samples
from ocds_schema import RELEASE, errors
from republic import address, republic

from procurement.tour.story import taken_from

STEPS = 21


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with republic(tmp_path_factory) as up:
        yield address(up)


def procurement(*words: str | Path) -> str:
    """What the command says, which must end well."""
    done = subprocess.run([sys.executable, "-m", "procurement", *words], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tour(url: str, *options: str | Path) -> str:
    """Play it; returns the tender's reference."""
    said = procurement("tour", "--url", url, *options)
    assert said.count("✓") == STEPS, said
    found = re.search(r"/tenders/(\S+)$", said.strip())
    assert found, said
    print(said)
    return found[1]


def ocid_of(url: str, tender: str) -> str:
    return str(httpx.get(f"{url}/api/v1/tenders/{tender}").json()["ocid"])


def test_a_stranger_verifies_the_tour(url: str, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoint"
    kept.write_text(httpx.get(f"{url}/ledger/checkpoint").text)
    key = httpx.get(f"{url}/ledger/keys").json()["checkpoints"]
    ocid = ocid_of(url, tour(url))
    said = procurement("verify", "tender", ocid, "--from", url, "--checkpoint", kept, "--key", key)
    print(said)
    assert f"VERIFIED  {ocid}" in said
    for checked in (
        "were hidden first and disclosed later, unchanged",
        "submissions and withdrawals came before the deadline and the closing",
        "the 2 bids that were opened are exactly those that the closing fixed",
        "1 awards were made to opened bids, at the prices read out",
        "the tender reads as revision 1 was published",
        "the 2 bids shown are those read out at the opening",
        "the 1 awards shown are those that were announced",
    ):
        assert checked in said
    assert "without --checkpoint" not in said


@needs_samples
def test_the_tour_of_a_published_notice_gives_valid_ocds(url: str) -> None:
    theirs = sorted((SAMPLES / "uk/sample/releases").glob("*.json"))[0]
    ocid = ocid_of(url, tour(url, "--from", theirs))
    releases = httpx.get(f"{url}/ocds/releases/{ocid}").json()
    assert errors("release-package-schema.json", releases) == []
    tags = [tag for release in releases["releases"] for tag in release["tag"]]
    assert tags[0] == "tender" and {"award", "contract"} <= set(tags)
    record = httpx.get(f"{url}/ocds/record/{ocid}").json()
    assert errors("record-package-schema.json", record) == []
    compiled = record["records"][0]["compiledRelease"]
    assert errors(RELEASE, compiled) == []
    assert compiled["tender"]["title"] == taken_from(theirs).title.strip()
    assert len(compiled["bids"]["details"]) == 2
