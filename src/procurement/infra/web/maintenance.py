"""The page that a reverse proxy shows when nothing of the service answers: one file, with its style inside."""

from markupsafe import Markup

from procurement.infra.web.templates import environment
from procurement.settings import Settings, asset

SHEET = "static/built/maintenance.css"


def maintenance_page(settings: Settings) -> str:
    """The whole page as HTML."""
    style = Markup("<style>{}</style>").format(Markup((asset("frontend") / SHEET).read_text()))  # noqa: S704  # our own
    return environment(settings).get_template("maintenance.html").render(style=style).strip()
