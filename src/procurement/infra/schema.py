"""The database's schema: where its migrations are, and how far it has come."""

from alembic import command
from alembic.config import Config

from procurement.settings import asset


def upgrade(url: str, sandbox: bool) -> None:
    """Bring the database at `url` to the newest migration. `sandbox` counts only when it is made: it is for ever.

    Raises OSError when the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(asset("migrations")))
    config.attributes["url"] = url  # not an option: a password may hold a %
    config.attributes["sandbox"] = sandbox
    command.upgrade(config, "head")
