"""The scene of every test here: three opened bids."""

import pytest
from evaluated import Scene


@pytest.fixture
def scene(opened_scene: Scene) -> Scene:
    return opened_scene
