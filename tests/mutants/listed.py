"""The list of seeded defects, and what it means to put one into a copy of the source."""

import tomllib
from pathlib import Path

import msgspec

CHECKOUT = Path(__file__).parents[2]


class Mutant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In `file` the text `old` becomes `new`; then `test` has to fail."""

    what: str
    file: str
    old: str
    new: str
    test: str

    def seed(self, tree: Path) -> None:
        """Edit the file in `tree`. ValueError unless `old` occurs there exactly once."""
        source = (tree / self.file).read_text()
        if (times := source.count(self.old)) != 1:
            raise ValueError(f"{self.file} holds {self.old!r} {times} times: name one place")
        (tree / self.file).write_text(source.replace(self.old, self.new))

    def heal(self, tree: Path) -> None:
        (tree / self.file).write_bytes((CHECKOUT / self.file).read_bytes())


def mutants() -> list[Mutant]:
    listed = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text())
    return msgspec.convert(listed["mutants"], list[Mutant])
