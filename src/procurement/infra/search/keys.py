"""The two keys with which our processes reach Meilisearch, made with its master key, which they never see again."""

import re
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from meilisearch import Client
from meilisearch.errors import MeilisearchApiError, MeilisearchError

from procurement.infra.search.filling import PATIENCE, EngineFailed

SEARCH = ("search",)
INDEX = (
    "documents.add", "documents.delete", "indexes.create", "indexes.delete", "indexes.get", "indexes.swap",
    "settings.update", "stats.get", "tasks.get", "version",
)  # fmt: skip
EVERY = ["*"]  # Meilisearch tells its version, which the doctor asks for, to no key of fewer indexes
PREFIX = re.compile(r"[A-Za-z0-9_-]+")


class Right(StrEnum):
    """What a key may do, in the words of the doctor."""

    SEARCH = "search"
    WRITE = "change indexes"
    KEYS = "make keys"


class Keys(msgspec.Struct, frozen=True):
    search: str
    index: str


def scoped(url: str, master_key: str, prefix: str) -> Keys:
    """The keys of this prefix. The same master key gives the same keys, also to a server that lost its data.

    EngineFailed, and ValueError for the prefix. Synchronous, for commands and for the start of `procurement up`.
    """
    if not PREFIX.fullmatch(prefix):
        raise ValueError("MEILISEARCH_PREFIX holds letters, digits, - and _ only.")
    client = Client(url, master_key, timeout=PATIENCE)
    try:
        return Keys(
            search=_key(client, f"{prefix} search", SEARCH, [f"{prefix}_*"]),
            index=_key(client, f"{prefix} index", INDEX, EVERY),
        )
    except (MeilisearchError, OSError, ValueError) as no:
        raise EngineFailed(getattr(no, "message", "") or type(no).__name__) from None


def _key(client: Client, name: str, actions: tuple[str, ...], scope: list[str]) -> str:
    """The server makes a key of its master key and the uid, which is another one for each name and right."""
    said = "\n".join((name, *actions, *scope)).encode()
    uid = str(UUID(bytes=sha256(said).digest()[:16], version=4))
    try:
        return str(client.get_key(uid).key)
    except MeilisearchApiError as no:
        if no.code != "api_key_not_found":
            raise
    made = {"uid": uid, "name": name, "actions": list(actions), "indexes": scope, "expiresAt": None}
    return str(client.create_key(made).key)


def rights(url: str, key: str, uid: str) -> set[Right]:
    """What a key may do with the index `uid`; nothing is changed by asking. EngineFailed where nobody answers."""
    client = Client(url, key, timeout=PATIENCE)
    harmless: dict[Right, Callable[[], Any]] = {
        Right.SEARCH: lambda: client.index(uid).search("", {"limit": 0}),
        Right.WRITE: lambda: client.http.get(f"indexes/{uid}/stats"),  # our key to write may ask this, too
        Right.KEYS: lambda: client.get_keys({"limit": 1}),
    }
    return {right for right, ask in harmless.items() if _may(ask)}


def _may(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except MeilisearchApiError as no:
        return no.code not in ("invalid_api_key", "missing_authorization_header")
    except (MeilisearchError, OSError, ValueError) as lost:
        raise EngineFailed(f"Meilisearch does not answer: {type(lost).__name__}.") from None
    return True
