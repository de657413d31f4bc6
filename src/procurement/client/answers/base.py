"""What every answer has in common."""

import msgspec


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Read only; fields that are not named are passed over."""
