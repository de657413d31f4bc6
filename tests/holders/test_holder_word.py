"""What a key holder's own tool asks of the keyholder and of witnesses before it gives a share."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from promises import FALSE, HONEST, OPENS, cases, pinned, shown, times, told_of
from promises import TENDER as PROMISED
from wanting import KEYS, LOG, NOW, PRACTICE, TENDER, WITNESSES, closing, played, run, wants

from procurement.holders import offline
from procurement.holders.command import holder
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.cosignature import CosignerKey, Quorum
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import Told

EARLY = OPENS - timedelta(days=300)


def promised(told: Sequence[Told], opens: datetime = EARLY) -> offline.Wanted:
    """Of the tender that `promises` speaks of, whose closing names an early deadline; shares are wanted of no bid."""
    made = wants(KEYS[0], closing(PROMISED, deadline=EARLY))
    return msgspec.structs.replace(made, tender=PROMISED, opening_at=opens, shares=[], word=shown(told, LOG))


def code(act: Callable[[], object]) -> str:
    """The refusal's, "" without one."""
    try:
        act()
    except Refused as no:
        return no.code
    return ""


@pytest.mark.parametrize(
    ("told", "opens", "expected", "pin"),
    [
        *(pytest.param(*one[1:], "", id=one[0]) for one in cases()),
        *(pytest.param(*one[1:], str(HONEST.verifier), id=one[0]) for one in pinned()),
    ],
)
def test_the_keyholders_word_counts_as_it_does_for_bidders(
    told: list[Told], opens: datetime, expected: str, pin: str
) -> None:
    wanted = promised(told, opens)
    if expected == "wrong":
        assert code(lambda: offline.closed(wanted, wanted.ledger, pin)) == "opening-key-wrong"
    else:
        assert bool(offline.closed(wanted, wanted.ledger, pin).word.key) is (expected == "covered")


@pytest.mark.parametrize(("told", "until"), [pytest.param(*one[1:], id=one[0]) for one in times()])
def test_nothing_is_given_before_the_time_that_the_keyholder_signed(told: list[Told], until: datetime) -> None:
    """Whatever opening the service shows, and whatever deadline its closing has: both may be those of somebody who has
    the log's key. Fails where the word's own time is not among those that have to have passed."""
    wanted = promised(told)
    for now, expected in ((until - timedelta(microseconds=1), "too-early"), (until, "")):
        assert code(partial(offline.shares, KEYS[0], wanted, wanted.ledger, now)) == expected


@pytest.mark.parametrize("hidden", ["KeyPublished", "TenderPublished"])
def test_what_nobody_else_may_be_able_to_read_is_no_word_of_the_keyholder(hidden: str) -> None:
    kept = msgspec.structs.replace(wants(KEYS[0]), word=shown(told_of(TENDER, NOW), LOG, hidden=[hidden]))
    with pytest.raises(Refused, match="is hidden in the record") as no:
        offline.closed(kept, kept.ledger)
    assert no.value.code == "opening-key-wrong"


def test_a_word_in_another_log_or_none_at_all_is_none() -> None:
    other = shown(told_of(TENDER, NOW), SignerKey(LOG.verifier.name, b"\6" * 32))
    for word in (other, []):
        wanted = msgspec.structs.replace(wants(KEYS[0]), word=word)
        assert code(partial(offline.closed, wanted, wanted.ledger)) == "opening-key-wrong"


def test_a_second_key_of_the_keyholder_is_told_before_anything_is_given(folder: Path) -> None:
    [first, published] = told_of(TENDER, NOW)
    second = Told(0, first.type, {**first.fact, "verifier": str(FALSE.verifier)})
    wanted = msgspec.structs.replace(played(), word=shown([second, first, published], PRACTICE))
    (folder / "second.json").write_bytes(msgspec.json.encode(wanted))
    asked = ["give", str(folder / "key.age"), str(folder / "second.json"), "--practice"]
    said = CliRunner().invoke(holder, asked, input="n\n")
    assert "OTHER KEYS OF THE KEYHOLDER TOO" in said.stderr and str(FALSE.verifier) in said.stderr
    assert f"its key: {HONEST.verifier}" in said.stderr


def test_the_command_takes_the_keyholders_key(folder: Path) -> None:
    (folder / "pinned.json").write_bytes(msgspec.json.encode(played()))
    for one, given in ((HONEST, True), (FALSE, False)):
        asked = [str(folder / "pinned.json"), "--practice", "--yes", "--keyholder", str(one.verifier)]
        said = run(folder, "give", *asked)
        assert (said.exit_code == 0) is given and ("it is not signed by keyholder" in said.output) is not given


@pytest.mark.parametrize(
    ("of_closing", "of_word", "needed", "expected"),
    [
        (WITNESSES, WITNESSES, 0, ""),
        (WITNESSES[:1], WITNESSES[1:], 1, ""),
        (WITNESSES[:1], WITNESSES, 0, "checkpoint-unwitnessed"),
        (WITNESSES, WITNESSES[:1], 0, "checkpoint-unwitnessed"),
        ([], WITNESSES[:1], 1, "checkpoint-unwitnessed"),
    ],
)
def test_what_counts_has_to_be_cosigned_by_as_many_witnesses_as_are_asked_for(
    of_closing: Sequence[CosignerKey], of_word: Sequence[CosignerKey], needed: int, expected: str
) -> None:
    """Fails where the closing is looked at alone, or the keyholder's word alone."""
    wanted = msgspec.structs.replace(played(of_closing), word=played(of_word).word)
    quorum = Quorum.of([str(one.verifier) for one in WITNESSES], needed)
    assert code(lambda: offline.closed(wanted, wanted.ledger, "", quorum)) == expected


def test_the_command_takes_the_keys_of_witnesses(folder: Path) -> None:
    named = [part for one in WITNESSES for part in ("--witness", str(one.verifier))]
    for options, given in (([*named, "--needed", "1"], True), (named, False)):
        (folder / "cosigned.json").write_bytes(msgspec.json.encode(played(WITNESSES[:1])))
        said = run(folder, "give", str(folder / "cosigned.json"), "--practice", "--yes", *options)
        assert (said.exit_code == 0) is given and ("1 of the 2 witnesses" in said.output) is not given


def test_more_witnesses_than_are_named_cannot_be_asked_for(folder: Path) -> None:
    (folder / "asked.json").write_bytes(msgspec.json.encode(played()))
    for options in (["--needed", "1"], ["--witness", "no key"], ["--witness", str(LOG.verifier)]):
        said = run(folder, "give", str(folder / "asked.json"), "--practice", "--yes", *options)
        assert said.exit_code == 2 and "--witness, --needed" in said.output
