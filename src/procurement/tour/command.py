"""The command `procurement tour`."""

import time
from datetime import datetime
from pathlib import Path

import click
import httpx

from procurement.client import Problem
from procurement.kernel.refusal import Refused
from procurement.tour.acts import TOURS
from procurement.tour.people import Unexpected
from procurement.tour.story import OWN, taken_from
from procurement.verifier.log import Broken


@click.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="A running practice republic.")
@click.option(
    "--from", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the tender from an OCDS release.",
)  # fmt: skip
@click.option(
    "--seal", "level", type=click.Choice(list(TOURS)), default="S1", show_default=True,
    help="How its bids are sealed: S2 with key holders, whose keys it makes anew.",
)  # fmt: skip
def tour(url: str, file: Path | None, level: str) -> None:
    """Play one procurement from draft to contract over HTTP, each step confirmed by somebody else."""
    try:
        story = taken_from(file) if file else OWN
        played = TOURS[level](url, story)
    except (ValueError, Unexpected, Problem, httpx.HTTPError) as wrong:
        raise click.ClickException(str(wrong)) from None
    if story.source:
        click.echo(f"from {story.source}, bought by {story.buyer or 'an unnamed buyer'}")
    began = time.monotonic()
    try:
        for number, (what, act) in enumerate(played.steps(), 1):
            started = time.monotonic()
            found = act()
            click.echo(f"{datetime.now():%H:%M:%S} {time.monotonic() - started:6.2f} s  {number:2} {what}")
            click.secho(f"{'':23}✓ {found}", fg="green")
    except (Unexpected, Problem, Broken, Refused, httpx.HTTPError) as wrong:
        click.secho(f"{'':23}✗ {what}: {wrong}", fg="red", err=True)
        raise SystemExit(1) from None
    finally:
        played.close()
    click.echo(f"{number} steps in {time.monotonic() - began:.1f} s: {url}{played.path}")
