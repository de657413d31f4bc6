"""A holder's browser asks the same of the keyholder and of witnesses as the offline tool, before a share is given."""

from datetime import UTC, datetime
from typing import Any

import pytest
from holder_device import ASK, CLOSED, LOG, PRACTICE, TENDER, ask, mine, sent, unkeyed, wanted
from playwright.sync_api import Page
from promises import FALSE, HONEST, cases, old, pinned, published, told_of
from promises import TENDER as PROMISED
from promises import key as named
from promises import word as signed
from witnessed import FAR, NEAR, keys

from procurement.kernel.entry import stamp
from procurement.kernel.sealing.opening_record import Told

NEVER = datetime(2999, 1, 1, tzinfo=UTC)
ALL = f"async (all) => {{ const said = []; for (const one of all) said.push(await ({ASK})(one)); return said; }}"


def troubles(device: Page, *given: dict[str, Any]) -> list[str]:
    """Of each act without a key: "key" when nothing else was left to check."""
    return [said["trouble"] for said in device.evaluate(ALL, [["give", one] for one in given])]


def worded(*told: Told, **more: Any) -> dict[str, Any]:
    """Wanted of the tender of these tests, with this word of the keyholder."""
    return wanted(0) | {"word": sent(told, **more)}


def test_the_keyholders_word_counts_as_it_does_for_the_tool(device: Page) -> None:
    """In a practice log, because the words are of a time to come."""
    both = [(pin, *one) for pin, given in (("", cases()), (str(HONEST.verifier), pinned())) for one in given]
    asked = [
        unkeyed(
            wanted(0, log=PRACTICE, tender=PROMISED) | {"word": sent(told, PRACTICE), "opening_at": stamp(opens)},
            practice=True,
            pins={"keyholder": pin},
        )
        for pin, _, told, opens, _ in both
    ]
    found = dict(zip([name for _, name, *_ in both], troubles(device, *asked), strict=True))
    assert found == {name: "keyholder" if expected == "wrong" else "key" for _, name, _, _, expected in both}


def test_what_is_no_word_and_what_is_kept_closed_for_longer(device: Page) -> None:
    """Fails where the word's own time is not among those that have to have passed: the last one says "key" then."""
    honest = told_of(TENDER, CLOSED)
    later = published(2, CLOSED, signed(NEVER, tender=TENDER), tender=TENDER)
    found = troubles(
        device,
        unkeyed(worded(*honest)),
        unkeyed(wanted(0) | {"word": []}),
        unkeyed(worded(*honest, hidden=["KeyPublished"])),
        unkeyed(worded(*honest, hidden=["TenderPublished"])),
        unkeyed(worded(*honest, log=PRACTICE)),
        unkeyed(worded(honest[0], later)),
    )
    assert found == ["key", "keyholder", "keyholder", "keyholder", "keyholder", "early"]


def test_the_page_learns_under_which_key_it_was_checked_and_which_others_there_are(device: Page, file: str) -> None:
    told = [*told_of(TENDER, CLOSED), named(3, FALSE)]
    given = ask(device, "give", **mine(file), tender=TENDER, wanted=worded(*told), practice=False)["done"]
    assert given["word"] == {
        "key": str(HONEST.verifier), "until": stamp(CLOSED), "others": [str(FALSE.verifier)],
    }  # fmt: skip
    of_before = Told(2, "TenderPublished", {**old(2).fact, "tender": TENDER, "opening_at": "2026-01-01T00:00:00Z"})
    given = ask(device, "give", **mine(file), tender=TENDER, wanted=worded(of_before), practice=False)["done"]
    assert given["word"] == {"key": "", "until": stamp(CLOSED), "others": []}


@pytest.mark.parametrize(
    ("of_closing", "of_word", "asked", "trouble"),
    [
        ([NEAR, FAR], [NEAR, FAR], {"witnesses": keys(NEAR, FAR), "needed": 0}, "key"),
        ([NEAR], [FAR], {"witnesses": keys(NEAR, FAR), "needed": 1}, "key"),
        ([NEAR], [NEAR, FAR], {"witnesses": keys(NEAR, FAR)}, "unwitnessed"),
        ([NEAR, FAR], [NEAR], {"witnesses": keys(NEAR, FAR)}, "unwitnessed"),
        ([NEAR], [NEAR], {"witnesses": keys(NEAR), "needed": 2}, "pins"),
        ([NEAR], [NEAR], {"witnesses": ["no key"]}, "pins"),
        ([NEAR], [NEAR], {"witnesses": [], "needed": None}, "pins"),
    ],
)
def test_what_counts_has_to_be_cosigned_by_as_many_witnesses_as_are_asked_for(
    device: Page, of_closing: Any, of_word: Any, asked: dict[str, Any], trouble: str
) -> None:
    """Fails where the closing is looked at alone, or the keyholder's word alone."""
    made = wanted(0, cosigners=of_closing) | {"word": sent(told_of(TENDER, CLOSED), LOG, of_word)}
    assert troubles(device, unkeyed(made, pins=asked)) == [trouble]
