"""Keys that whoever uses a tool knows from elsewhere, as options: the keyholder's, and those of witnesses."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from procurement.kernel.checkpoint import BadNote
from procurement.kernel.cosignature import Quorum

F = TypeVar("F", bound=Callable[..., Any])

keyholder = click.option(
    "--keyholder", default="", help="The keyholder's public key, from its own operator.  [default: the log's]"
)


def witnesses(command: F) -> F:
    """`--witness` and `--needed`, which `quorum` reads."""
    named = click.option(
        "--witness", "witnesses", multiple=True, help="The public key of a witness that must have cosigned the record."
    )
    counted = click.option(
        "--needed", type=click.IntRange(0), default=0, help="How many of these witnesses.  [default: all]"
    )
    return named(counted(command))


def quorum(keys: Sequence[str], needed: int) -> Quorum:
    """Raises a usage error for what is no witness's key, or more of them than there are."""
    try:
        return Quorum.of(keys, needed)
    except BadNote as wrong:
        raise click.UsageError(f"--witness, --needed: {wrong}.") from None
