"""The two keys with which our processes reach Meilisearch, made with its master key, which they never see again."""

import re

import msgspec
from meilisearch import Client
from meilisearch.errors import MeilisearchError

from procurement.infra.search.filling import PATIENCE, EngineFailed

SEARCH = ("search",)
INDEX = (
    "documents.add", "documents.delete", "indexes.create", "indexes.delete", "indexes.get", "indexes.swap",
    "settings.update", "stats.get", "tasks.get", "version",
)  # fmt: skip
EVERY = ["*"]  # Meilisearch tells its version, which the doctor asks for, to no key of fewer indexes
PREFIX = re.compile(r"[A-Za-z0-9_-]+")


class Keys(msgspec.Struct, frozen=True):
    search: str
    index: str


def scoped(url: str, master_key: str, prefix: str) -> Keys:
    """The keys of this prefix: those that were made before, or new ones. EngineFailed, ValueError for the prefix.

    Synchronous, for commands and for the start of `procurement up`.
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
    for key in client.get_keys({"limit": 1000}).results:
        if key.name == name and sorted(key.actions) == sorted(actions) and key.indexes == scope:
            return str(key.key)
    made = {"name": name, "actions": list(actions), "indexes": scope, "expiresAt": None}
    return str(client.create_key(made).key)
