"""Six notices, two awards and three organisations, and the questions that tests put to either engine about them."""

from datetime import UTC, datetime, timedelta

from tendering import SETUP

from procurement.infra.search import Collection, Hits, Question
from procurement.infra.search.filling import Filling
from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.derived import Derived
from procurement.publication.rules.notice import Notice, code_prefixes
from procurement.publication.rules.organisation_line import Named
from procurement.publication.search import engine, indexed
from procurement.publication.search.documents import KEY, Item, document
from procurement.publication.search.index_settings import SETTINGS, name, version
from procurement.publication.service import deriving
from procurement.publication.service.lines import organisation_lines

NOW = datetime.now(UTC)
PUBLISHED = NOW - timedelta(days=10)


def notice(number: int, title: str, **said: object) -> Notice:
    given: dict[str, object] = {
        "id": f"2026-{number:04}", "source": "", "ocid": f"ocds-xmarrow-2026-{number:04}", "title": title,
        "summary": "", "kind": "works", "buyer_id": "city", "buyer": "City of Marrow", "supplier_ids": (),
        "suppliers": (), "categories": (), "value": Money(100_000 * number, "EUR"), "outcome": "",
        "published_at": PUBLISHED + timedelta(minutes=number), "deadline": NOW + timedelta(days=number),
        "awarded_at": None, "award": None, "bids": None, "text": "",
    }  # fmt: skip
    return Notice(**(given | said))  # type: ignore[arg-type]  # a test names only what it is about


def award(of: Notice, title: str, **said: object) -> AwardLine:
    given: dict[str, object] = {
        "id": f"award-{of.id}", "notice_id": of.id, "source": of.source, "ocid": of.ocid, "title": title,
        "kind": of.kind, "buyer_id": of.buyer_id, "buyer": of.buyer, "supplier_ids": ("brightwater",),
        "suppliers": ("Brightwater Electric Ltd",), "categories": of.categories, "value": of.value, "estimate": None,
        "status": "active", "awarded_at": NOW - timedelta(days=2), "signed_at": None, "contract_id": "", "bids": 3,
        "text": "",
    }  # fmt: skip
    return AwardLine(**(given | said))  # type: ignore[arg-type]  # as above


ROAD = notice(1, "Resurfacing of Harbour Road", categories=tuple(code_prefixes("45233220-7")))
MEALS = notice(2, "École primaire: school meals", kind="services", buyer="Education Office", buyer_id="education")
TRUCKS = notice(3, "Electric refuse trucks", kind="goods", value=None, text="Turning circle of 14 m at Mill Road")
BRIDGE = notice(4, "Repair of the bridge over the Sill", deadline=NOW - timedelta(days=1))
PLANNED = notice(5, "Road markings", outcome="planned", deadline=None, source="Roads Agency", ocid="ocds-abc123-5")
WON = notice(
    6, "Street lights", outcome="awarded", deadline=NOW - timedelta(days=30), awarded_at=NOW - timedelta(days=2),
    award=Money(41_800_000, "EUR"), suppliers=("Brightwater Electric Ltd",), supplier_ids=("brightwater",),
)  # fmt: skip
NOTICES = [ROAD, MEALS, TRUCKS, BRIDGE, PLANNED, WON]

LIGHTS = award(WON, "Street lights, northern quarter")
SIGNALS = award(WON, "Traffic signals", id="award-signals", kind="goods", status="pending", value=None,
                awarded_at=NOW - timedelta(days=1))  # fmt: skip
AWARDS = [LIGHTS, SIGNALS]

CITY = Named("city", "", "City of Marrow", "Marrow")
SCHOOLS = Named("education", "", "Education Office", "Sillford")
ELECTRIC = Named("brightwater", "", "Brightwater Electric Ltd", "Sillford")
NAMED = [CITY, SCHOOLS, ELECTRIC]

NAMES = {one.id: one.title for one in (*NOTICES, *AWARDS)} | {one.id: one.name for one in NAMED}


async def publish(database: Database) -> None:
    """All of it into the database, as releases bring it."""
    async with database.begin(SETUP) as tx:
        await deriving.keep(tx, [Derived(one, tuple(AWARDS) if one is WON else (), tuple(NAMED)) for one in NOTICES])


async def fill(database: Database, url: str, index_key: str, prefix: str) -> None:
    """The same into indexes of Meilisearch, which the database then knows to be its own."""
    filling = Filling(url, index_key, KEY)
    async with database.begin(SETUP) as tx:
        lines = await organisation_lines(tx, [one.id for one in NAMED])
    items: dict[Collection, list[Item]] = {
        Collection.NOTICES: list(NOTICES),
        Collection.AWARDS: list(AWARDS),
        Collection.ORGANISATIONS: list(lines.values()),
    }
    for collection, found in items.items():
        uid = name(prefix, collection)
        await filling.make(uid, SETTINGS[collection])
        await filling.settle(await filling.put(uid, map(document, found), "ticket"))
        async with database.begin(SETUP) as tx:
            await indexed.built(tx, collection, uid, version(collection), "ticket", len(found))


async def ask(database: Database, **question: object) -> Hits:
    """What is answered by the engine that should answer."""
    hits = await ask_any(database, **question)
    assert not hits.reserve, "PostgreSQL answered in Meilisearch's place"
    return hits


async def ask_any(database: Database, **question: object) -> Hits:
    async with database.begin(SETUP) as tx:
        return await engine.search(tx, Question(**question))  # type: ignore[arg-type]  # as above


async def titles(database: Database, **question: object) -> list[str]:
    """Titles, or names of organisations, in the order in which they were found."""
    return [NAMES[id_] for id_ in (await ask(database, **question)).found]
