"""Puts each listed defect into a copy of the source and runs its test, which has to fail: `make mutants`.

The checkout itself is never touched. First every named test has to pass on the copy without any defect.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

from listed import CHECKOUT, Mutant, mutants

COPIED = ("src", "migrations", "tests", "pyproject.toml")
LINKED = ("frontend", "fixtures", "locale", "docs")
AT_ONCE = 2
PATIENCE = 300  # seconds for one test run
FAILED = re.compile(r"^FAILED ", re.MULTILINE)


@contextmanager
def copy() -> Iterator[Path]:
    """A tree of its own in which the package is imported from."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder)
        for name in COPIED:
            source = CHECKOUT / name
            if source.is_dir():
                shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
            else:
                shutil.copy(source, tree / name)
        for name in LINKED:
            if (CHECKOUT / name).exists():
                (tree / name).symlink_to(CHECKOUT / name)
        yield tree


def run(tree: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """pytest on the tree, whose package comes before the installed one; no bytecode of an earlier state is kept."""
    env = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-rf", "--tb=no", *tests]
    return subprocess.run(argv, cwd=tree, env=env, capture_output=True, text=True, timeout=PATIENCE)


def imported_from(tree: Path) -> Path:
    env = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    ask = [sys.executable, "-c", "import procurement; print(procurement.__file__)"]
    return Path(subprocess.run(ask, cwd=tree, env=env, capture_output=True, text=True, check=True).stdout.strip())


def is_killed(mutant: Mutant, trees: "Queue[Path]") -> tuple[bool, float]:
    """Whether the named test fails with the defect, and the seconds that took."""
    tree, began = trees.get(), time.monotonic()
    try:
        mutant.seed(tree)
        done = run(tree, mutant.test)
    finally:
        mutant.heal(tree)
        trees.put(tree)
    return done.returncode == 1 and bool(FAILED.search(done.stdout)), time.monotonic() - began


def main() -> int:
    chosen = [mutant for mutant in mutants() if not sys.argv[1:] or any(word in mutant.what for word in sys.argv[1:])]
    with copy() as one, copy() as another:
        assert imported_from(one).is_relative_to(one), "the copy is not what would be tested"
        healthy = run(one, *sorted({mutant.test for mutant in chosen}))
        if healthy.returncode:
            print(healthy.stdout, "Without any defect these tests fail: there is nothing to learn.", sep="\n")
            return 2
        trees: Queue[Path] = Queue()
        for tree in (one, another):
            trees.put(tree)
        survivors = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number, (mutant, (killed, took)) in enumerate(
                zip(chosen, pool.map(lambda mutant: is_killed(mutant, trees), chosen), strict=True), 1
            ):
                survivors += not killed
                print(f"{number:3}  {'red' if killed else 'SURVIVED':8} {took:5.1f} s  {mutant.what}", flush=True)
                print(f"{'':22}{mutant.test}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} defects turned their test red")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
