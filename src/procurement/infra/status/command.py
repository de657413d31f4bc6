"""The command `procurement probe`."""

import asyncio
import os
from pathlib import Path

import click

from procurement.infra.status.prober import Prober


@click.command()
@click.argument("url")
@click.option("--source", default="outside", show_default=True, help="Its name in PROBE_TOKENS and on the pages.")
@click.option("--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The file with its token, else PROBE_TOKEN holds it: then what is seen is reported.")  # fmt: skip
@click.option("--every", type=click.FloatRange(min=0), default=0, help="Seconds between two looks.  [default: once]")
@click.pass_context
def probe(context: click.Context, url: str, source: str, token_file: Path | None, every: float) -> None:
    """Look at the service at URL from outside, as its visitors do; run it on another network than the service."""
    token = token_file.read_text().strip() if token_file else os.environ.get("PROBE_TOKEN", "")
    works = asyncio.run(Prober(url, source, token).run(every, click.echo))
    context.exit(0 if works else 1)
