"""Figures for Prometheus, on an address of their own: the pages' address never shows them.

The web process counts its requests; the worker reads everything else from the database. Each process serves what it
knows. Labels are names of routes, topics and parts, never ids.
"""

from prometheus_client import start_http_server

from procurement.infra.metrics import requests as requests  # registered with the library when first imported

PREFIX = "procurement_"


class CannotListen(Exception):
    """METRICS_ADDRESS is no address of this machine, or somebody else listens there."""


def serve(address: str) -> None:
    """Answer at `address` (host:port) from a thread of the library's; nothing when it is empty."""
    if not address:
        return
    host, _, port = address.rpartition(":")
    try:
        start_http_server(int(port), host.strip("[]") or "127.0.0.1")
    except (OSError, ValueError) as wrong:
        raise CannotListen(f"METRICS_ADDRESS is {address}: give host:port, another one for each process.") from wrong
