"""The Jinja environment of every page: strict, escaped, translated; what templates may call is listed here."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec
from babel.support import Translations
from jinja2 import (
    ChainableUndefined,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    pass_context,
)
from jinja2.runtime import Context
from markupsafe import Markup

from procurement.infra import countries
from procurement.infra.logs import ASKED
from procurement.infra.web import engrave, lifeline
from procurement.infra.web.as_read import version
from procurement.infra.web.formats import Formats
from procurement.infra.web.happened import sentence
from procurement.infra.web.lifeline import N_
from procurement.kernel.actor import NOBODY, Actor
from procurement.kernel.money import Money
from procurement.settings import Settings
from procurement.settings import asset as folder


class Site(msgspec.Struct, frozen=True):
    """Whose service this is; `country` is empty until it is configured."""

    country: str
    zone: str
    locale: str


class Field(msgspec.Struct, frozen=True):
    """A form field as it is drawn again: what was typed, else the stored value, and what is wrong with it."""

    name: str
    id: str
    value: str
    stored: str  # as a person would type it, whatever was typed
    values: tuple[str, ...]  # all that are chosen, where several may be
    error: str

    def items(self, choices: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
        """(value, text) or (value, text, hint) as the items of a GOV.UK select, radios or checkboxes."""
        return [
            {
                "value": str(key),
                "text": text,
                "hint": {"text": hint[0]} if hint and hint[0] else None,
                "checked": str(key) in self.values,
                "selected": str(key) in self.values,
            }
            for key, text, *hint in choices
        ]


def environment(settings: Settings) -> Environment:
    """The one environment of the process; reads templates from the checkout or the wheel."""
    env = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(folder("frontend") / "templates"),
        auto_reload=False,
    )
    translations = Translations.load(folder("locale"), [settings.locale])
    env.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    formats = Formats(settings.locale, settings.official_timezone, settings.country_name)
    site = Site(settings.country_name, settings.official_timezone, settings.locale)
    env.globals |= {
        "actor": actor,
        "asset": asset,
        "countries": pass_context(
            lambda context: countries.choices(settings.locale, settings.country_name if sandbox(context) else "")
        ),
        "csrf": csrf,
        "version_of": version,
        "field": pass_context(lambda context, *args: field(formats, context, *args)),
        "govuk": _components(),
        "life": lifeline.life,
        "line": lifeline.line,
        "mode": mode,
        "micro_line": lambda stage: engrave.micro(stage, lifeline.KEYS),
        "now": now,
        "request_id": request_id,
        "rosette": engrave.rosette,
        "sandbox": sandbox,
        "site": lambda: site,
        "stages": {stage.key: stage for stage in lifeline.STAGES},
        "strands": engrave.strands,
    }
    env.filters |= {
        name: getattr(formats, name)
        for name in (
            "bytes",
            "clock",
            "country",
            "day",
            "day_time",
            "ended_day",
            "iso",
            "left",
            "micros",
            "money",
            "number",
            "percent",
            "place",
            "short",
            "when",
        )
    }
    env.filters["happened"] = lambda type_: translations.gettext(sentence(type_))
    env.filters["said"] = lambda words: said(translations.gettext, settings.locale, words)
    env.filters["milestone"] = lambda row, at=None: milestone(formats, row, at, translations.gettext)
    env.filters["until"] = lambda at, form="when": until(formats, translations.gettext, at, form)
    return env


def _state(context: Context, name: str) -> Any:
    """What the middleware laid on the request; None on a page drawn outside of one."""
    request = context.get("request")
    return getattr(request.state, name, None) if request is not None else None


@pass_context
def actor(context: Context) -> Actor:
    found = _state(context, "actor")
    return found if isinstance(found, Actor) else NOBODY


@pass_context
def now(context: Context) -> datetime | None:
    """The legal time of this request; None on an error page that has no transaction."""
    found = _state(context, "now")
    return found if isinstance(found, datetime) else None


def request_id() -> str:
    """Under which the logs know this request; "" outside of one."""
    asked = ASKED.get(None)
    return asked.id if asked else ""


@pass_context
def mode(context: Context) -> Any:
    """Whether changes are taken, as the door found it (infra.mode.Mode); None outside of a transaction."""
    return _state(context, "mode")


@pass_context
def sandbox(context: Context) -> bool:
    return bool(_state(context, "sandbox"))


@pass_context
def csrf(context: Context) -> Markup:
    """The hidden input that every form carries. The page is then this visitor's alone."""
    if (request := context.get("request")) is not None:
        request.state.token_given = True
    return Markup('<input type="hidden" name="_token" value="{}">').format(_state(context, "csrf") or "")


@lru_cache
def asset(path: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it for ever."""
    content = (folder("frontend") / "static" / path).read_bytes()
    return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:10]}"


def field(formats: Formats, context: Context, name: str, stored: object = "") -> Field:
    """One field for the form macros: typed values win over `stored`, errors come from `refused.fields`."""
    refused, typed = context.get("refused"), context.get("typed")
    if typed is None and refused is not None:
        typed = _state(context, "typed")
    given = typed.get(name, "") if isinstance(typed, Mapping) else stored
    values = tuple(map(str, given)) if isinstance(given, list | tuple | set | frozenset) else ()
    return Field(
        name=name,
        id=re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-"),
        value="" if values else _written(formats, given),
        stored=_written(formats, stored),
        values=values or ((str(given),) if given else ()),
        error=refused.fields.get(name, "") if refused is not None else "",
    )


def _written(formats: Formats, value: object) -> str:
    """A stored value the way a person would type it."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return f"{value.decimal():f}"
    if isinstance(value, datetime):
        return formats.local(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def said(gettext: Callable[[str], str], locale: str, words: str) -> Markup:
    """What a refusal says. Its words are translated where the catalogue has them; words with something filled in are
    English, and are marked so where the page is not, for whoever hears it read."""
    translated = gettext(words) if words else ""
    if translated != words or locale.startswith("en"):
        return Markup("{}").format(translated)
    return Markup('<span lang="en">{}</span>').format(words)


ENDS = {"when": "EEEE d MMMM y", "short": "d MMM"}  # the day in "end of …", by form


def until(formats: Formats, gettext: Callable[[str], str], at: datetime | None, form: str = "when") -> str:
    """A moment at which something ends: at midnight “end of 21 November”, which nobody takes for the next day's end."""
    day = formats.ended_day(at) if at else None
    if day is None:
        return formats.short(at) if form == "short" else formats.when(at)
    return gettext(N_("end of %(day)s")) % {"day": formats.day(day, ENDS[form])}


def milestone(
    formats: Formats, row: lifeline.Row, at: datetime | None = None, gettext: Callable[[str], str] = N_
) -> str:
    """The date under a stage of the life line: words as given, a moment short, with its year where that differs."""
    if isinstance(row.date, str):
        return row.date
    if row.key in lifeline.LASTING and formats.ended_day(row.date):
        return until(formats, gettext, row.date, "short")
    day, reference = formats.local(row.date), formats.local(at or row.date)
    if day.year != reference.year:
        return formats.day(row.date, "d MMM y")
    return formats.short(row.date) if row.key in lifeline.TO_THE_MINUTE else formats.day(row.date, "d MMM")


def _components() -> Callable[..., Markup]:
    """`govuk("error-summary", titleText=...)`: a GOV.UK Frontend component.

    Its macros read parameters that nobody gave, so they live in a lenient environment of their own.
    """
    lenient = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=ChainableUndefined,
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        auto_reload=False,
    )

    def draw(component: str, /, **params: object) -> Markup:
        macro = "govuk" + "".join(word.capitalize() for word in component.split("-"))
        template = lenient.get_template(f"govuk_frontend_jinja/components/{component}/macro.html")
        return Markup(getattr(template.module, macro)(params))  # noqa: S704  # escaped by the macro

    return draw
