"""The command `procurement witness`."""

import os
from pathlib import Path

import click

from procurement.kernel.checkpoint import BadNote
from procurement.witness.rules import watched
from procurement.witness.service import cosigner

SERVED = "procurement.witness.server:create_app"


@click.command()
@click.option("--name", required=True, envvar="WITNESS_NAME", help="Its name for ever, like an address: w.example/1.")
@click.option("--store", required=True, envvar="WITNESS_STORE", type=click.Path(file_okay=False, path_type=Path),
              help="The folder of its key and of what it has seen. Losing it is losing the witness.")  # fmt: skip
@click.option("--log", "logs", required=True, multiple=True, envvar="WITNESS_LOGS",
              help="The public key (name+id+key) of a log to watch; once for each.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=int, default=8100, show_default=True)
def witness(name: str, store: Path, logs: tuple[str, ...], host: str, port: int) -> None:
    """Cosign the checkpoints of logs, each only as a continuation of what was seen of it before."""
    from procurement.infra.serving import serve

    try:
        origins = watched(logs)
        key = cosigner(store, name).verifier
    except BadNote as wrong:
        raise click.ClickException(str(wrong)) from None
    except OSError as wrong:
        raise click.ClickException(f"{store} cannot be used: {wrong}.") from None
    os.environ |= {"WITNESS_NAME": name, "WITNESS_STORE": str(store), "WITNESS_LOGS": " ".join(logs)}
    click.echo(f"witness {key}\nwatches {', '.join(origins)}")
    serve(SERVED, host, port)
