"""`procurement seed`: the archive of a fictional neighbour, as large as a trial or a bench wants it."""

from procurement.seed.grow import NotASandbox, grow

__all__ = ["NotASandbox", "grow"]
