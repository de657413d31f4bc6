"""Reference data beside the checkout, which is never copied into it."""

import csv

from procurement.publication.rules.classification import Label, read
from procurement.settings import asset

REFERENCE = asset("fixtures") / "../../shared/data"


def labels() -> list[Label]:
    """What CPV calls its codes; none where the file is missing."""
    file = REFERENCE / "cpv.csv"
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as rows:
        return [one for one in read(csv.DictReader(rows)) if isinstance(one, Label)]
