"""A wheel built from the checkout runs the demo in an empty environment, with nothing of the checkout near."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import cache_from_source
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
    env = tmp_path_factory.mktemp("elsewhere") / "env"
    python, pinned = env / "bin" / "python", CHECKOUT / "requirements" / "run.txt"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    install = (*pip, "install", "--quiet")
    run(sys.executable, "-m", "venv", "--without-pip", env)
    unpack_what_is_here(pinned, Path(sysconfig.get_path("purelib", vars={"base": str(env)})))
    run(*install, "--require-hashes", "--requirement", pinned)
    run(*install, "--no-deps", wheel)
    run(*pip, "check")
    return python


def unpack_what_is_here(pinned: Path, packages: Path) -> None:
    """The same versions that pip unpacked into this environment, and compiled, need not be unpacked once more: it finds
    them in place, and installs whatever else is pinned."""
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", pinned.read_text(), re.M):
        with suppress(PackageNotFoundError):
            here = distribution(name)
            home = Path(str(here.locate_file("")))
            for file in (here.files or ()) if here.version == version else ():
                for one in (home / file, Path(cache_from_source(str(home / file)))):
                    if ".." not in file.parts and one.exists():
                        target = packages / one.relative_to(home)
                        target.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copy2(one, target)


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
