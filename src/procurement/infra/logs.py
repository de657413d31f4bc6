"""Logs go to standard error, one line a message; whoever runs the process keeps them."""

import logging


def configure(level: str) -> None:
    """`level` is debug, info, warning or error. Raises ValueError for any other."""
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s: %(message)s")
