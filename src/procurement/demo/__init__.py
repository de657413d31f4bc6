"""The practice republic: fictional people, and one procurement in every state, played forward to now."""

from procurement.demo.load import load

__all__ = ["load"]
