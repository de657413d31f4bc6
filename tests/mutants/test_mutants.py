"""The list of seeded defects fits the source: each can be put in, and its test is there. `make mutants` runs them."""

import shutil
from pathlib import Path

import pytest
from listed import CHECKOUT, Mutant, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.what)
def test_a_mutant_can_be_seeded_and_its_test_is_there(mutant: Mutant, tmp_path: Path) -> None:
    (tmp_path / mutant.file).parent.mkdir(parents=True)
    shutil.copy(CHECKOUT / mutant.file, tmp_path / mutant.file)
    mutant.seed(tmp_path)
    compile((tmp_path / mutant.file).read_text(), mutant.file, "exec")
    file, _, name = mutant.test.partition("::")
    assert f"def {name}(" in (CHECKOUT / file).read_text()


def test_there_are_twenty_and_more_each_of_its_own() -> None:
    assert len({(mutant.file, mutant.old) for mutant in mutants()}) == len(mutants()) >= 20
