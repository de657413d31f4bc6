"""A wheel built from the checkout runs the demo in an empty environment, with nothing of the checkout near."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from republic import loaded
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


@pytest.mark.parametrize("folder", ["fixtures", "migrations", "frontend/templates"])
def test_what_the_program_reads_is_in_the_wheel_byte_for_byte(wheel: Path, folder: str) -> None:
    ours = {path for path in (CHECKOUT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    with ZipFile(wheel) as inside:
        for path in ours:
            assert inside.read(f"procurement/{path.relative_to(CHECKOUT)}") == path.read_bytes(), path
    assert len(ours) > 2


def test_the_demo_runs_from_a_wheel(python: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """On a republic that the checkout loaded, from the same files: that takes longest, and is tested elsewhere."""
    shutil.copytree(loaded(tmp_path_factory), tmp_path / "var", symlinks=True)
    with Up(tmp_path / "var", "--demo", command=(python.with_name("procurement"),)) as up:
        up.until_ready()
        page = up.get("/")
        assert page.status_code == 200 and "Republic of Marrow" in page.text
        sheet = next(word for word in page.text.split('"') if word.startswith("/static/") and ".css" in word)
        assert up.get(sheet).headers["content-type"].startswith("text/css")
        smoke = up.run("doctor", "--smoke")
        assert smoke.returncode == 0, smoke.stdout
