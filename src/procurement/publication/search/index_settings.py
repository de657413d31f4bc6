"""How Meilisearch is told to index each collection; a change here makes the indexes anew.

The fields of `searchable` are in the order of their weight. A sort that was asked for comes before everything that
words weigh; where words weigh the same, the newest comes first. Numbers and identifiers are never guessed at.
"""

from typing import Any

import msgspec

from procurement.infra.search import COUNTED, TOLD, Collection
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.publication.rules.vocabulary import STOP_WORDS, plurals, synonyms
from procurement.publication.search import documents

SLOWEST = 400  # milliseconds after which the engine ranks no further and answers with what it has

# By "sort" first: who asks for the newest wants no older one above it, however well its words match.
RANKING = ("sort", "words", "typo", "proximity", "attributeRank", "wordPosition", "exactness")
EQUAL = {"facetSearch": False, "filter": {"equality": True, "comparison": False}}
COMPARED = {"facetSearch": False, "filter": {"equality": False, "comparison": True}}


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """What may be done with which field of a document; `shown` is all that ever comes back."""

    searchable: tuple[str, ...]
    equal: tuple[str, ...]
    compared: tuple[str, ...]
    sortable: tuple[str, ...]
    shown: tuple[str, ...]
    recency: str


PURCHASE = ("title", "buyer", "suppliers", "reference", "labels", "told", "broader")
CHOSEN = ("source", "buyer_id", "supplier_ids", "kind", "categories", "valued", "year")
NAMED = ("id", "title", "buyer", "suppliers")

FIELDS = {
    Collection.NOTICES: Fields(
        searchable=PURCHASE,
        equal=(*CHOSEN, "outcome"),
        compared=("amount", "published", "deadline"),
        sortable=("id", "amount", "published", "deadline", "awarded"),
        shown=NAMED,
        recency="published",
    ),
    Collection.AWARDS: Fields(
        searchable=PURCHASE,
        equal=(*CHOSEN, "status"),
        compared=("amount", "awarded"),
        sortable=("id", "amount", "awarded"),
        shown=NAMED,
        recency="awarded",
    ),
    Collection.ORGANISATIONS: Fields(
        searchable=("title", "place", "reference"),
        equal=("source", "roles"),
        compared=("seen",),
        sortable=("id", "title", "seen", "deals"),
        shown=("id", "title", "place"),
        recency="seen",
    ),
}


def _both_ways(known: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Each phrase in both numbers, with its others in both."""
    others = {phrase: [form for other in known[phrase] for form in plurals(other)] for phrase in known}
    return {form: others[phrase] for phrase in known for form in plurals(phrase)}


SYNONYMS = _both_ways(synonyms())


def _settings(fields: Fields) -> dict[str, Any]:
    """The body of Meilisearch's settings; what it does not name is reset to the engine's own choice beforehand."""
    return {
        "displayedAttributes": list(fields.shown),
        "searchableAttributes": list(fields.searchable),
        "filterableAttributes": [
            {"attributePatterns": list(fields.equal), "features": EQUAL},
            {"attributePatterns": list(fields.compared), "features": COMPARED},
        ],
        "sortableAttributes": list(fields.sortable),
        "rankingRules": [*RANKING, f"{fields.recency}:desc"],
        "typoTolerance": {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
            "disableOnAttributes": ["reference"],
            "disableOnNumbers": True,
        },
        "synonyms": SYNONYMS,
        "stopWords": sorted(STOP_WORDS),
        "pagination": {"maxTotalHits": COUNTED + 1},
        "faceting": {"maxValuesPerFacet": TOLD, "sortFacetValuesBy": {"*": "count"}},
        "searchCutoffMs": SLOWEST,
    }


SETTINGS = {collection: _settings(fields) for collection, fields in FIELDS.items()}


def version(collection: Collection) -> str:
    """Another one whenever the index of a collection has to be made anew: its settings, or what its documents hold."""
    made_of = {"settings": SETTINGS[collection], "fields": documents.FIELDS[collection], "edition": documents.EDITION}
    return sha256_hex(canonical(made_of))[:16]


def name(prefix: str, collection: Collection) -> str:
    """The uid of a collection's index. Raises ValueError for a prefix that the engine would not take."""
    uid = f"{prefix}_{collection}" if prefix else str(collection)
    if not uid.replace("_", "").replace("-", "").isalnum() or not uid.isascii() or len(uid) > 100:
        raise ValueError("An index prefix holds letters, digits, - and _ only.")
    return uid
