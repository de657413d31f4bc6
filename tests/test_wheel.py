"""A wheel built from the checkout runs the demo in an empty environment, with nothing of the checkout near."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from whole_service import Up

CHECKOUT = Path(__file__).parents[1]


def run(*words: str | Path, **environ: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **environ})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment: the pinned packages and the wheel, as anybody would install them."""
    python = tmp_path_factory.mktemp("elsewhere") / "env" / "bin" / "python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
    run(sys.executable, "-m", "venv", python.parents[1])
    run(*pip, "--require-hashes", "--requirement", CHECKOUT / "requirements" / "run.txt")
    run(*pip, "--no-deps", wheel)
    run(python, "-m", "pip", "check")
    return python


def test_the_demo_runs_from_a_wheel(python: Path, tmp_path: Path) -> None:
    with Up(tmp_path / "var", "--demo", command=(python.with_name("procurement"),)) as up:
        up.until_ready()
        page = up.get("/")
        assert page.status_code == 200
        sheet = next(word for word in page.text.split('"') if word.startswith("/static/") and ".css" in word)
        assert up.get(sheet).headers["content-type"].startswith("text/css")
        smoke = up.run("doctor", "--smoke")
        assert smoke.returncode == 0, smoke.stdout
