"""The types of fact that everybody can read at once, for programs that know the log and not the service: `verify` and
`monitor`. `--write` puts them into procurement/verifier/at_once.py.

Read from the facts themselves, of which every module is imported here.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from procurement import app as composition
from procurement.kernel.fact import Fact, Visible
from procurement.publication import facts as of_imports

MODULE = Path(__file__).parents[1] / "src" / "procurement" / "verifier" / "at_once.py"
HEAD = '''"""The types of record that everybody can read at once. Written by `make codes`, from the facts themselves."""

'''


def facts() -> dict[str, Visible]:
    """Every fact of the program by its type, and when it can be read."""

    def below(kind: type[Fact]) -> Iterator[type[Fact]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    assert composition and of_imports  # every stage is imported, and what only commands use
    return {one.__name__: one.visible for one in below(Fact) if one.__module__.startswith("procurement.")}


def written() -> str:
    names = sorted(name for name, visible in facts().items() if visible is Visible.AT_ONCE)
    lines = "".join(f'    "{name}",\n' for name in names)
    return f"{HEAD}AT_ONCE = frozenset({{\n{lines}}})  # fmt: skip\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        MODULE.write_text(written())
    else:
        sys.stdout.write(written())
