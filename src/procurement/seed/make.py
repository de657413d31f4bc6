"""One seeded procurement as the OCDS releases its publisher would have written: the same for the same number."""

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from procurement.kernel.money import Money
from procurement.publication.ocds.parts import moment, period, value
from procurement.publication.rules.notice import key
from procurement.seed.words import Subject, Words

Json = dict[str, Any]

ARCHIVE = timedelta(days=8 * 365)  # from its first call to its last day
RECENT = 1.6  # how much denser the last years are than the first, as an exponent
SMALL = 3.0  # how much likelier a small purchase is than a large one, as an exponent
OFTEN = 2.0  # how much oftener a well-known supplier wins than an unknown one, as an exponent
LONGEST_WAIT = timedelta(days=75)  # from a deadline to its award
FEWEST_DAYS, MOST_DAYS = 21, 42  # that a call is open
MOST_BIDS = 9
OUTCOMES = {"complete": 90, "cancelled": 5, "unsuccessful": 5}  # of 100 calls that ended


class Seeded(msgspec.Struct, frozen=True):
    """One procurement. `status` is "active" until its `award`, which is None where nothing was awarded."""

    ocid: str
    subject: Subject
    title: str
    buyer: str
    supplier: str
    quantity: int
    estimate: Money
    award: Money | None
    bids: int
    published: datetime
    deadline: datetime
    ended: datetime
    status: str


def releases(words: Words, seed: int, number: int, today: date) -> list[Json]:
    """The call, and its end where it has come. `today` is the day on which the archive ends."""
    made = _procurement(words, seed, number, today)
    buyer = _reference(words, made.buyer)
    call = _release(words, made, "tender", made.published, [(buyer, "buyer")], tender=_tender(made, buyer))
    if made.award is not None:
        supplier = _reference(words, made.supplier)
        sides = [(buyer, "buyer"), (supplier, "supplier")]
        outcome = _outcome(made, made.award, supplier)
        return [call, _release(words, made, "award", made.ended, sides, **outcome)]
    if made.status != "active":
        ended = {"id": made.ocid, "status": made.status}
        return [call, _release(words, made, "tenderUpdate", made.ended, [(buyer, "buyer")], tender=ended)]
    return [call]


def _procurement(words: Words, seed: int, number: int, today: date) -> Seeded:
    random = Random(f"{seed}/{number}")  # noqa: S311  # plausible, not secret
    subject, place = random.choice(words.subjects), random.choice(words.places)
    published, deadline, ended = _dates(random, today)
    over = deadline + LONGEST_WAIT < _opening_of(today)
    status = random.choices(list(OUTCOMES), list(OUTCOMES.values()))[0] if over else "active"
    fillings = {name: random.choice(choices) for name, choices in words.fillings.items()}
    title = random.choice(subject.titles).format(place=place, year=published.year + 1, **fillings)
    quantity = _between(random, subject.quantity)
    estimate = Money.of(Decimal(_rounded(quantity * _between(random, subject.price))), words.currency)
    share = Decimal(round(random.gauss(94, 7))) / 100  # of the estimate that the best bid asks
    return Seeded(
        ocid=f"{words.prefix}-{seed}-{number:06}",
        subject=subject,
        title=title[0].upper() + title[1:],
        buyer=random.choice(words.buyers).format(place=place),
        supplier=f"{_often(random, words.first)} {_often(random, words.second)}",
        quantity=quantity,
        estimate=estimate,
        award=estimate * share if status == "complete" else None,
        bids=min(MOST_BIDS, 1 + int(random.expovariate(0.4))),
        published=published,
        deadline=deadline,
        ended=ended,
        status=status,
    )


def _dates(random: Random, today: date) -> tuple[datetime, datetime, datetime]:
    """When it was published, until when bids could be given, and when it was decided if it was."""
    age = ARCHIVE * math.pow(random.random(), RECENT)
    published = _opening_of(today) - timedelta(days=age.days, minutes=random.randrange(0, 480, 5))
    last = published.date() + timedelta(days=random.randint(FEWEST_DAYS, MOST_DAYS))
    deadline = datetime.combine(last, time(12), UTC)
    return published, deadline, deadline + LONGEST_WAIT * random.uniform(0.2, 1)


def _opening_of(day: date) -> datetime:
    return datetime.combine(day, time(8), UTC)


def _between(random: Random, bounds: tuple[int, int]) -> int:
    least, most = bounds
    return least + int((most - least) * math.pow(random.random(), SMALL))


def _rounded(amount: int) -> int:
    """As estimates are: two figures and zeros."""
    step: int = 10 ** max(0, len(str(amount)) - 2)
    return amount // step * step


def _often(random: Random, names: list[str]) -> str:
    return names[int(len(names) * math.pow(random.random(), OFTEN))]


def _reference(words: Words, name: str) -> Json:
    return {"id": key(words.source, name), "name": name}


def _release(words: Words, made: Seeded, tag: str, at: datetime, sides: list[tuple[Json, str]], **said: Json) -> Json:
    parties = [{**side, "roles": [role], "address": {"countryName": words.country}} for side, role in sides]
    head = {"ocid": made.ocid, "id": f"{made.ocid}-{tag}", "date": moment(at), "tag": [tag], "initiationType": "tender"}
    return {**head, "language": words.language, "parties": parties, "buyer": sides[0][0], **said}


def _tender(made: Seeded, buyer: Json) -> Json:
    subject = made.subject
    item = {
        "id": "1",
        "description": subject.cpv_title,
        "classification": {"scheme": "CPV", "id": subject.cpv, "description": subject.cpv_title},
        "quantity": made.quantity,
        "unit": {"name": subject.unit},
    }
    return {
        "id": made.ocid,
        "title": made.title,
        "description": f"{subject.cpv_title}: {made.quantity:,} {subject.unit}, for {buyer['name']}.",
        "status": "active",
        "procuringEntity": buyer,
        "procurementMethod": "open",
        "mainProcurementCategory": subject.kind,
        "value": value(made.estimate),
        "tenderPeriod": period(made.published, made.deadline),
        "items": [item],
    }


def _outcome(made: Seeded, award: Money, supplier: Json) -> Json:
    decided = {
        "id": "1",
        "title": made.title,
        "status": "active",
        "date": moment(made.ended),
        "value": value(award),
        "suppliers": [supplier],
    }
    counted = {"id": "1", "measure": "validBids", "value": made.bids}
    return {
        "tender": {"id": made.ocid, "status": made.status},
        "awards": [decided],
        "bids": {"statistics": [counted]},
    }
