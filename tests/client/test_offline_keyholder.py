"""The offline tool seals only to what the keyholder itself signed, under its key in the log or one kept apart."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from offline_tender import KEYHOLDER, NOON, REVISION, TENDER, Call, filled

from procurement.client.offline import Cannot
from procurement.client.offline.command import seal
from procurement.client.offline.proving import prove, word
from procurement.client.offline.saying import limits
from procurement.kernel.checkpoint import SignerKey

FALSE = SignerKey("keyholder", b"f" * 32)
PIN = str(KEYHOLDER.verifier)
MONTH = timedelta(days=30)


def amended(call: Call, *words: object) -> None:
    """Extended by a month, with these words."""
    fact = {"tender": TENDER, "revision": 2, "revision_hash": REVISION, "opening_at": NOON + MONTH}
    call.facts.append(("DeadlineExtended", fact | {"opening_keys": list(words)}))


def test_it_says_that_the_keyholder_signed_and_who_could_read_then() -> None:
    file = Call().file()
    assert "the keyholder signed the key that bids are sealed to" in " ".join(prove(file, keyholder=PIN))
    [said] = limits("S1", word(file))
    assert "the operator of the keyholder, acting against the rules" in said and "site" not in said


def test_of_a_tender_of_before_it_says_so_and_who_could_read_then() -> None:
    file = Call(signs=False).file()
    assert "keyholder signed" not in " ".join(prove(file))
    who, why = limits("S1", word(file))
    assert "or of the site" in who and "published before the keyholder signed" in why
    with pytest.raises(Cannot, match="opening-key-wrong"):
        prove(file, keyholder=PIN)


@pytest.mark.parametrize("change", ["nearer", "another key", "another keyholder", "none", "stale", "shown later"])
def test_what_the_keyholder_did_not_sign_is_not_sealed_to(change: str) -> None:
    call, later = Call(), NOON + MONTH
    fact = call.facts[1][1]
    match change:
        case "nearer":
            fact["opening_keys"] = [call.word(NOON - timedelta(hours=1))]
        case "another key":
            fact["opening_keys"] = [Call().word(NOON)]
        case "another keyholder":
            fact["opening_keys"] = [call.word(NOON, FALSE)]
        case "none":
            fact["opening_keys"] = []
        case "stale":
            amended(call, call.word(NOON))
    file = call.file(opening_at=later if change in ("stale", "shown later") else NOON)
    with pytest.raises(Cannot, match="The keyholder's word does not hold") as no:
        prove(file)
    assert "opening-key-wrong" in str(no.value)


def test_an_extension_with_its_word_is_sealed_to() -> None:
    call = Call()
    amended(call, call.word(NOON + MONTH))
    assert word(call.file(opening_at=NOON + MONTH)).key == PIN


def test_a_second_key_in_the_log_is_told_and_a_pinned_one_decides() -> None:
    call = Call()
    call.facts.insert(1, ("KeyPublished", {"purpose": "keyholder", "verifier": str(FALSE.verifier)}))
    call.facts[2][1]["opening_keys"] = [call.word(NOON, FALSE)]
    said = limits("S1", word(call.file()))
    assert any("OTHER KEYS OF THE KEYHOLDER" in line and PIN in line for line in said)
    with pytest.raises(Cannot, match="opening-key-wrong"):
        prove(call.file(), keyholder=PIN)


def test_the_command_takes_the_key_and_seals_nothing_to_another(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("bid")
    made = filled(place / "bid", Call().file(), {"offer.pdf": b"%PDF-1.7"}, i1="12.50", i2="3", i3="0.10")
    for pin, code in ((PIN, 0), (str(FALSE.verifier), 1)):
        run = CliRunner().invoke(seal, ["bid", str(made), "--dry-run", "--keyholder", pin])
        assert run.exit_code == code, run.output
        assert ("READY" in run.output) is (code == 0) and ("opening-key-wrong" in run.output) is (code == 1)
