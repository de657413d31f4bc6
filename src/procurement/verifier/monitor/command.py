"""The command `procurement monitor`."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import httpx
import msgspec

from procurement.kernel.checkpoint import BadNote, VerifierKey
from procurement.kernel.cosignature import WitnessKey
from procurement.verifier.fetching import MALFORMED, answer
from procurement.verifier.log import Broken, Fetch
from procurement.verifier.monitor.company import Watched
from procurement.verifier.monitor.follow import Bounds, Follower
from procurement.verifier.monitor.state import State, load, save

PATIENCE = 30.0  # seconds for one answer
WRONG, UNREACHABLE = 1, 3  # exit codes


class Unreachable(Exception):
    """The service did not answer: nothing can be said of the record. The text says why."""


@click.command()
@click.argument("service", metavar="URL")
@click.option("--key", required=True, help="The log's public key (name+id+key), from whom you trust.")
@click.option("--state", "path", type=click.Path(dir_okay=False, path_type=Path),
              help="The file where the newest checkpoint is kept from one run to the next.")  # fmt: skip
@click.option("--once", is_flag=True, help="One round.  [default]")
@click.option("--every", type=click.FloatRange(min=0.1), help="Seconds between two rounds, until something is wrong.")
@click.option("--whole", is_flag=True, help="Read the whole log in the first round, also what was read before.")
@click.option("--witness", "witnesses", multiple=True, metavar="KEY [URL]",
              help="A witness that must have cosigned; with its address it is asked what it sees.")  # fmt: skip
@click.option("--keyholder", "keyholders", multiple=True, metavar="KEY",
              help="A key of the keyholder, from its operator.  [default: the first that the log names]")  # fmt: skip
@click.option("--back", type=click.IntRange(min=0), default=300, show_default=True,
              help="Seconds by which an entry may be dated before one that came earlier.")  # fmt: skip
@click.option("--silence", type=click.IntRange(min=1), default=6 * 3600, show_default=True,
              help="Seconds for which there may be no new checkpoint, no new cosignature, or no answer.")  # fmt: skip
@click.pass_context
def monitor(
    context: click.Context, service: str, key: str, path: Path | None, once: bool, every: float | None, whole: bool,
    witnesses: tuple[str, ...], keyholders: tuple[str, ...], back: int, silence: int,
) -> None:  # fmt: skip
    """Follow the log of the service at URL, and shout when it is forked, shorter, altered, back-dated or silent.

    Ends with 0, with 1 when something is wrong (one line says what), with 3 when the service did not answer.
    """
    if once and every:
        raise click.UsageError("Choose --once or --every.")
    bounds = Bounds(timedelta(seconds=back), timedelta(seconds=silence))
    with httpx.Client(timeout=PATIENCE) as client:
        try:
            company = [_watched(client, witness) for witness in witnesses]
            fetch, parsed = _fetching(client, service), VerifierKey.parse(key)
            follower = Follower(fetch, parsed, bounds, company, keyholders=keyholders)
            state = load(path)
        except (BadNote, msgspec.MsgspecError) as wrong:
            raise click.UsageError(str(wrong)) from None
        watch = Watch(follower, path, state, bounds)
        code = watch.round(whole)
        while every and code != WRONG:
            time.sleep(every)
            code = watch.round(whole and watch.state is state)
    context.exit(code)


class Watch:
    """The rounds of one run: what is kept, what is said, and how it ends."""

    def __init__(self, follower: Follower, path: Path | None, state: State | None, bounds: Bounds) -> None:
        self.follower, self.path, self.state, self.bounds = follower, path, state, bounds
        self.began = datetime.now(UTC)

    def round(self, whole: bool) -> int:
        now = datetime.now(UTC)
        try:
            done = self.follower.round(self.state, now, whole=whole)
        except Unreachable as away:
            return self._away(str(away), now)
        except (Broken, BadNote) as wrong:
            return self._wrong(str(wrong))
        except MALFORMED as wrong:
            return self._wrong(f"what the service serves is malformed: {wrong!r}")
        self.state = done.state
        if self.path:
            save(self.path, done.state)
        witnessed = f", witnessed by {', '.join(done.witnesses)}" if done.witnesses else ""
        click.echo(f"ok  {now:%FT%TZ}  {done.size} entries, {done.entries} new, {done.again} read again{witnessed}")
        return 0

    def _away(self, why: str, now: datetime) -> int:
        since = self.state.seen_at if self.state else self.began
        if now - since > self.bounds.silence:
            return self._wrong(f"the service has not answered since {since:%FT%TZ}: {why}")
        click.secho(f"??  {now:%FT%TZ}  {why}", fg="yellow", err=True)
        return UNREACHABLE

    def _wrong(self, what: str) -> int:
        """The two signed checkpoints are kept: with a fork they are the proof, which needs nobody's word."""
        click.secho(f"WRONG  {what}", fg="red", err=True)
        if self.path and self.state:
            evidence = self.path.with_name(f"{self.path.name}.wrong")
            evidence.write_text(f"{what}\n\nkept:\n{self.state.checkpoint}\noffered:\n{self.follower.offered}")
        return WRONG


def _watched(client: httpx.Client, words: str) -> Watched:
    key, _, url = words.partition(" ")
    return Watched(WitnessKey.parse(key), _fetching(client, url.strip()) if url else None)


def _fetching(client: httpx.Client, service: str) -> Fetch:
    def fetch(path: str) -> bytes:
        try:
            found = answer(client, service.rstrip("/") + path)
        except httpx.HTTPError as away:
            raise Unreachable(f"{service} does not answer: {str(away) or type(away).__name__}") from None
        if found.is_server_error or found.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Unreachable(f"{service}{path} answers {found.status_code}")
        if found.status_code != httpx.codes.OK:
            raise Broken(f"{path} answers {found.status_code}")
        return found.content

    return fetch
