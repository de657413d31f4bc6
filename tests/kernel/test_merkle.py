"""Our Merkle tree against itself, against tiles, and against the published vectors."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.kernel import merkle, tiles

VECTORS = Path(__file__).parents[2] / "../shared/data/vectors/merkle"
LEAVES = [merkle.leaf_hash(i.to_bytes(4)) for i in range(70_000)]


def vectors(kind: str) -> list[Any]:
    files = sorted((VECTORS / kind).rglob("*.json"))
    none = pytest.param(None, id="absent", marks=pytest.mark.skip(reason=f"the reference data {VECTORS} is absent"))
    return [pytest.param(json.loads(f.read_text()), id=str(f.relative_to(VECTORS))) for f in files] or [none]


def decoded(text: str) -> bytes:
    return base64.b64decode(text or "")


def path(vector: dict[str, Any]) -> list[bytes]:
    return [decoded(step) for step in vector["proof"] or []]


@pytest.mark.parametrize("vector", vectors("inclusion"))
def test_published_inclusion_vectors(vector: dict[str, Any]) -> None:
    proven = merkle.verify_inclusion(
        vector["leafIdx"], vector["treeSize"], decoded(vector["leafHash"]), path(vector), decoded(vector["root"])
    )
    assert proven != vector["wantErr"], vector["desc"]


@pytest.mark.parametrize("vector", vectors("consistency"))
def test_published_consistency_vectors(vector: dict[str, Any]) -> None:
    roots = decoded(vector["root1"]), decoded(vector["root2"])
    proven = merkle.verify_consistency(vector["size1"], vector["size2"], *roots, path(vector))
    assert proven != vector["wantErr"], vector["desc"]


@given(st.integers(1, 600).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_every_leaf_is_proved_and_no_other_leaf_is(case: tuple[int, int]) -> None:
    index, size = case
    proof = merkle.inclusion_proof(index, size, merkle.of_leaves(LEAVES[:size]))
    top = merkle.root(LEAVES[:size])
    assert merkle.verify_inclusion(index, size, LEAVES[index], proof, top)
    assert not merkle.verify_inclusion(index, size, LEAVES[index + 1], proof, top)


@given(st.integers(1, 600).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_every_tree_extends_its_beginnings(case: tuple[int, int]) -> None:
    old, new = case
    proof = merkle.consistency_proof(old, new, merkle.of_leaves(LEAVES[:new]))
    roots = merkle.root(LEAVES[:old]), merkle.root(LEAVES[:new])
    assert merkle.verify_consistency(old, new, *roots, proof)
    assert old == new or not merkle.verify_consistency(old, new, roots[1], roots[0], proof)


@pytest.mark.parametrize("steps", [[1, 1, 254, 1, 300, 65_000, 3], [256, 256], [65_536, 1], [70_000]])
def test_tiles_grow_to_the_same_root_in_any_batches(steps: list[int]) -> None:
    held: dict[tiles.TileId, bytes] = {}
    size = 0
    for step in steps:
        held |= tiles.grow({t: held[t] for t in tiles.right_edge(size)}, size, LEAVES[size : size + step])
        size += step
        assert tiles.tree_root({t: held[t] for t in tiles.needed_for_root(size)}, size) == merkle.root(LEAVES[:size])


@given(st.integers(1, 69_999))
def test_tiles_prove_what_the_leaves_prove(size: int) -> None:
    held = tiles.Held(WHOLE)
    for index in {0, size // 2, size - 1}:
        needed = tiles.Needed()
        merkle.inclusion_proof(index, size, needed)
        assert needed.tiles <= set(WHOLE) and len(needed.tiles) <= 6
        proof = merkle.inclusion_proof(index, size, held)
        assert merkle.root_from_inclusion(index, size, LEAVES[index], proof) == held(0, size)


WHOLE = tiles.grow({}, 0, LEAVES)


def test_tile_paths_follow_the_specification() -> None:
    assert tiles.path_of((0, 1234067)) == "tile/0/x001/x234/067"
    assert tiles.path_of((1, 5), 12) == "tile/1/005.p/12"
