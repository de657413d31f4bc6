"""Databases with the town in them already: settling it takes five transactions, copying it nothing more.

The first test of a process that asks for the town makes one that is kept; `settle_town` gives it for each copy.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tendering import Town

BEGIN_IN_TOWN = frozenset({"day", "scene", "town", "treasury"})
"""Fixtures that settle the town before they do anything else."""

TOWNS: dict[str, "Town"] = {}
"""What is in a copy, by its name, until somebody asks for it."""
