"""What is bought on a tour: a tender of our own, or one taken from a real OCDS release."""

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from procurement.client import NewTender

CATEGORIES = {"goods", "works", "services"}
MOST_ASKED = Decimal(1000)  # euros


class Story(msgspec.Struct, kw_only=True):
    """`lots` as the API takes them (see `NewTender`); `source` names the release it was taken from, or is "".

    Bidders are asked for a deposit of one per cent of the estimate, which goes back before the story ends.
    """

    title: str
    description: str
    category: str
    value: str
    lots: list[dict[str, Any]]
    source: str = ""
    buyer: str = ""

    @property
    def deposit(self) -> str:
        """In euros: at most what one rule gives back, so that no second person has to decide it."""
        share = (Decimal(self.value) / 100).quantize(Decimal("0.01"), ROUND_DOWN)
        return f"{min(share, MOST_ASKED):f}"

    def draft(self, deadline: datetime) -> NewTender:
        """The whole draft: weighted, price 60, method 40."""
        draft = {
            "title": self.title,
            "category": self.category,
            "description": self.description,
            "value": self.value,
            "deposit": self.deposit,
            "contract_terms": "Payment within 30 days of acceptance.",
            "award_method": "weighted",
            "deadline": deadline,
            "lots": self.lots,
            "criteria": [
                {"name": "Price", "kind": "price", "weight": "60"},
                {"name": "Method", "kind": "quality", "weight": "40"},
            ],
        }
        return msgspec.convert(draft, NewTender)


OWN = Story(
    title="New benches for the harbour promenade",
    description="Sixty oak benches with backs, set on the existing foundations before the season begins.",
    category="goods",
    value="48000.00",
    lots=[
        {
            "title": "Benches",
            "items": [
                {"description": "Oak bench with back", "classification_id": "39113600-3",
                 "classification_description": "Benches", "quantity": "60", "unit": "piece", "place": "Marrow"},
                {"description": "Setting on a foundation", "classification_id": "45112723-9",
                 "classification_description": "Landscaping work", "quantity": "60", "unit": "piece"},
            ],
        }
    ],
)  # fmt: skip


def bidding_time() -> timedelta:
    """How long bids may come: more than any rulebook of the practice republic asks."""
    return timedelta(days=21)


def taken_from(file: Path) -> Story:
    """The first release with a tender in an OCDS file. ValueError when there is none."""
    releases = _releases(msgspec.json.decode(file.read_bytes().removeprefix(b"\xef\xbb\xbf")))
    release = next((one for one in releases if isinstance(one.get("tender"), dict)), None)
    if release is None:
        raise ValueError(f"{file} holds no release with a tender")
    tender = release["tender"]
    title = " ".join(str(tender.get("title") or tender.get("description") or release.get("ocid")).split())[:250]
    value = tender.get("value") or tender.get("minValue") or {}
    category = tender.get("mainProcurementCategory")
    return Story(
        title=title,
        description=str(tender.get("description") or title)[:20_000],
        category=category if category in CATEGORIES else "services",
        value=_amount(value.get("amount"), "100000.00"),
        lots=_lots(tender, title),
        source=str(release.get("ocid", file.name)),
        buyer=str((release.get("buyer") or {}).get("name") or (tender.get("procuringEntity") or {}).get("name") or ""),
    )


def _releases(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, list):
        return [release for one in data for release in _releases(one)]
    if "records" in data:
        compiled = [record.get("compiledRelease") or (record.get("releases") or [{}])[0] for record in data["records"]]
        return [one for one in compiled if one]
    return list(data["releases"]) if "releases" in data else [data]


def _lots(tender: dict[str, Any], title: str) -> list[dict[str, Any]]:
    """The release's lots with their items; what names no lot goes to the first."""
    named = tender.get("lots") or [{"id": "", "title": title}]
    lots: dict[str, dict[str, Any]] = {
        str(lot.get("id", "")): {"title": str(lot.get("title") or title)[:250], "items": []} for lot in named
    }
    first = next(iter(lots))
    for item in tender.get("items") or []:
        lots.get(str(item.get("relatedLot", first)), lots[first])["items"].append(_item(item, tender, title))
    for lot in lots.values():
        lot["items"] = lot["items"] or [_item({}, tender, title)]
    return list(lots.values())


def _item(item: dict[str, Any], tender: dict[str, Any], title: str) -> dict[str, Any]:
    found = item.get("classification") or tender.get("classification") or {}
    code, scheme = str(found.get("id") or ""), str(found.get("scheme") or "CPV")
    cpv = scheme.upper() == "CPV" and code[:8].isdigit() and len(code) >= 8
    unit = item.get("unit") or {}
    return {
        "description": str(item.get("description") or found.get("description") or title)[:250],
        "classification_scheme": "CPV" if cpv or not code else scheme[:40],
        "classification_id": code[:8] if cpv else code[:40] or "98000000",
        "classification_description": str(found.get("description") or "")[:250],
        "quantity": _amount(item.get("quantity"), "1"),
        "unit": str(unit.get("name") or "piece")[:40],
    }


def _amount(value: Any, otherwise: str) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return otherwise
    return f"{amount.quantize(Decimal('0.01')):f}" if amount.is_finite() and amount > 0 else otherwise
