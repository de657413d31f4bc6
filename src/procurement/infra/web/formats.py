"""How values are written for people: one locale, the official time zone, figures that line up."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import get_decimal_symbol
from babel.units import format_unit
from markupsafe import Markup

from procurement.infra import countries
from procurement.kernel.money import Money, minor_digits

GROUP = "\u202f"  # narrow no-break space: reads the same in every language, and a line never breaks inside
MINUS = "\u2212"
UNITS = ("B", "KB", "MB", "GB", "TB")


class Formats:
    """Filters of the templates. Moments come in as UTC and are written in the official time zone."""

    def __init__(self, locale: str, zone: str, country: str = "") -> None:
        self.locale, self.zone, self.own = locale, ZoneInfo(zone), country

    def country(self, code: str) -> str:
        """“PT” is “Portugal”."""
        return countries.name(code, self.own, self.locale)

    def place(self, written: str) -> str:
        """“Lisboa, PT” is “Lisboa, Portugal”."""
        before, comma, last = written.rpartition(", ")
        return before + comma + self.country(last)

    def local(self, at: datetime) -> datetime:
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(self.zone)

    def money(self, value: Money | None, exact: bool = False) -> Markup:
        """“1 240 000 EUR”; minor digits where they are not zero, or always if `exact` (columns of prices)."""
        if value is None:
            return Markup("")
        digits = minor_digits(value.currency)
        whole = value.amount % 10**digits == 0 and not exact
        written = self.number(value.decimal(), 0 if whole else digits)
        return Markup('<bdi class="nw">{} {}</bdi>').format(written, value.currency)

    def number(self, value: Decimal | int | float, digits: int | None = None) -> str:
        """Grouped in threes; as many decimals as the value has, unless `digits` says."""
        plain = f"{value:,f}" if digits is None and isinstance(value, Decimal) else f"{value:,.{digits or 0}f}"
        if digits is None and isinstance(value, float):
            plain = f"{value:,}"
        whole, _, decimals = plain.replace("-", MINUS).partition(".")
        return whole.replace(",", GROUP) + (get_decimal_symbol(self.locale) + decimals if decimals else "")

    def percent(self, value: Decimal | float, signed: bool = False) -> Markup:
        """A ratio as a percentage: 0.08 is “8%”; `signed` adds a plus."""
        ratio = Decimal(str(value))
        written = self.number(ratio * 100, 0 if abs(ratio) >= Decimal("0.1") or ratio * 100 == int(ratio * 100) else 1)
        return Markup("<bdi>{}{}%</bdi>").format("+" if signed and ratio > 0 else "", written)

    def when(self, at: datetime | None) -> str:
        """“Monday 30 November 2026, 21:00”."""
        return format_datetime(self.local(at), "EEEE d MMMM y, HH:mm", locale=self.locale) if at else ""

    def short(self, at: datetime | None) -> str:
        """“30 Nov, 21:00”: where space is scarce and the year is plain from the page."""
        return format_datetime(self.local(at), "d MMM, HH:mm", locale=self.locale) if at else ""

    def day(self, at: datetime | date | None, form: str = "d MMMM y") -> str:
        """“30 November 2026”; a datetime is taken in the official time zone."""
        if at is None:
            return ""
        return format_date(self.local(at) if isinstance(at, datetime) else at, form, locale=self.locale)

    def ended_day(self, at: datetime) -> date | None:
        """The day with whose end this moment falls together; None for any other moment than midnight."""
        local = self.local(at)
        return local.date() - timedelta(days=1) if local.time() == time() else None

    def iso(self, at: datetime | date) -> str:
        """For `datetime` attributes: RFC 3339 with the official offset."""
        return self.local(at).isoformat() if isinstance(at, datetime) else at.isoformat()

    def micros(self, at: datetime) -> str:
        """The part of a second, for receipts: “.318 204”."""
        digits = f"{at.microsecond:06}"
        return f".{digits[:3]}{GROUP}{digits[3:]}"

    def day_time(self, at: datetime) -> str:
        """“21:00”."""
        return format_datetime(self.local(at), "HH:mm", locale=self.locale)

    def clock(self, at: datetime) -> str:
        """“16:42:07”."""
        return format_datetime(self.local(at), "HH:mm:ss", locale=self.locale)

    def bytes(self, size: int) -> str:
        """“8.4 MB”, in powers of ten as file managers and tariffs count."""
        amount, unit = float(size), 0
        while amount >= 999.5 and unit < len(UNITS) - 1:
            amount, unit = amount / 1000, unit + 1
        return f"{self.number(Decimal(str(amount)), 1 if unit and amount < 10 else 0)}\u00a0{UNITS[unit]}"

    def left(self, seconds: float) -> str:
        """A duration in its two largest units: “9 days 4 hr”, “18 min”; “0 min” when nothing is left."""
        minutes = max(0, int(seconds)) // 60
        days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
        parts = [(days, "day", "long"), (hours, "hour", "short"), (rest, "minute", "short")]
        first = next((place for place, (count, _, _) in enumerate(parts) if count), 2)
        used = [part for part in parts[first : first + 2] if part[0]] or [parts[2]]
        return " ".join(
            format_unit(count, f"duration-{unit}", length, locale=self.locale)  # type: ignore[arg-type]  # a literal
            for count, unit, length in used
        )
