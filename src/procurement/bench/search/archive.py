"""The archive that is searched: what `seed` makes, with its words counted and known to the planner, as in a service
that has run for a while."""

from procurement.bench._reference import labels
from procurement.bench._stores import Engine, as_owner
from procurement.kernel.actor import system
from procurement.publication.service.classification import load
from procurement.publication.service.counting import count_words
from procurement.seed import grow

ARCHIVE = 1


async def fill(house: Engine, notices: int) -> None:
    """Bring it to so many notices, with their awards and organisations; labels of CPV first, where they are found."""
    async with house.database() as database, database.begin(system("bench")) as tx:
        await load(tx, "CPV", "en", labels())
    await grow(house.settings, notices, ARCHIVE, lambda _: None)
    async with house.database() as database, database.begin(system("bench")) as tx:
        await count_words(tx)
    async with as_owner(house) as owner:
        await owner.execute("VACUUM ANALYZE")
