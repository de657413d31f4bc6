"""A bid of two envelopes made without a network: prices are in the financial one alone, or in one for each lot, and
each envelope opens by itself."""

import zipfile
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from offline_tender import Call, filled

from procurement.client.offline import Cannot, folder, making, opening
from procurement.client.offline.command import seal as command
from procurement.client.offline.package import Package
from procurement.client.offline.proving import prove
from procurement.client.sealing import Attached, seal_bid
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Kit, ReceiptBody, new_identity

OFFER = {"Method.pdf": b"We lay asphalt." * 1000}
LEVELS = [Call(two=True), Call("S2", 2, 3, two=True), Call("S3", 3, 5, two=True)]


APART = [Call(two=True, apart=True), Call("S2", 2, 3, two=True, apart=True), Call("S3", 3, 5, two=True, apart=True)]
BOTH = {"i1": "1.00", "i2": "2.00", "i3": "2.00"}


def sealed(tmp_path: Path, call: Call, ending: str = "", **prices: str) -> tuple[Package, list[Kit]]:
    """A package, and the kits of its envelopes."""
    place = filled(tmp_path / "bid", call.file(), OFFER, **(prices or {"i3": "2.00"}))
    package = tmp_path / f"package{ending}"
    made = making.seal(call.file(), folder.read(place, call.file()), package, tmp_path / "kit.json")
    return Package.open(package), [opening.read_kit(one) for one in made.kits]


@pytest.mark.parametrize("call", LEVELS, ids=lambda call: call.level)
def test_each_envelope_has_an_identity_a_lock_and_a_kit_of_its_own(tmp_path: Path, call: Call) -> None:
    package, kits = sealed(tmp_path, call)
    technical, financial = package.envelopes
    assert (technical.kind, financial.kind) == ("technical", "financial")
    places = tuple(range(1, technical.m + 1))
    assert [call.identity_of(one, places) for one in package.envelopes] == [kit.identity for kit in kits]
    assert kits[0].identity != kits[1].identity
    assert [kit.digest for kit in kits] == [package.bid.digest, package.bid.financial]


def test_the_technical_kit_shows_everything_but_prices_and_the_financial_one_prices_alone(tmp_path: Path) -> None:
    package, (first, second) = sealed(tmp_path, LEVELS[1], ".zip")
    opened = opening.open_package(package, [first])
    assert opened.prices == () and sorted(opened.sha256) == ["Method.pdf", "declarations.json"]
    prices = opening.open_package(package, [second])
    assert [lot.total for one in prices.prices for lot in one.lots] == ["2000.00"] and not prices.sha256
    whole = opening.open_package(package, [first, second])
    assert opening.compare(whole, tmp_path / "bid" / folder.DOCUMENTS) == 1 and whole.prices == prices.prices
    with zipfile.ZipFile(tmp_path / "package.zip") as held:
        assert "financial.json" in held.namelist()
        assert not any(b"2000.00" in held.read(name) for name in held.namelist())


def test_shares_of_one_kind_are_not_taken_for_those_of_the_other() -> None:
    call = LEVELS[1]
    bid = seal_bid(call.file().asked(), {"i3": "2"}, [Attached("a", "a/b", b"method")])
    assert bid.financial
    relabelled = msgspec.structs.replace(bid.envelope, kind="financial", locked=bid.envelope.locked)
    with pytest.raises(Refused):
        call.identity_of(relabelled, (1, 2))
    swapped = msgspec.structs.replace(bid.financial[0].envelope, kind="technical")
    call.keyholder, call.financial_keyholder = call.financial_keyholder, call.keyholder
    try:
        with pytest.raises(Refused) as no:
            call.identity_of(swapped, (1, 2))
    finally:
        call.keyholder, call.financial_keyholder = call.financial_keyholder, call.keyholder
    assert no.value.code == "dealing-inconsistent", "the share says of which kind it is"


def test_the_tool_names_both_kits_and_asks_for_both_to_check(tmp_path: Path) -> None:
    file = LEVELS[0].file()
    place, package = filled(tmp_path / "bid", file, OFFER, i3="2.00"), tmp_path / "package"
    said = CliRunner().invoke(command, ["bid", str(place), "--to", str(package)])
    kits = [str(tmp_path / name) for name in ("package.kit.json", "package.kit.financial.json")]
    assert all(f"kit     {kit}" in said.output for kit in kits), said.output
    one = CliRunner().invoke(command, ["check", str(package), "--kit", kits[0]])
    assert one.exit_code == 1 and "kit of each envelope" in one.output
    both = CliRunner().invoke(command, ["check", str(package), "--kit", kits[0], "--kit", kits[1]])
    assert both.exit_code == 0 and "all 3 files open" in both.output, both.output
    only = CliRunner().invoke(command, ["open", str(package), "--kit", kits[0]])
    assert only.exit_code == 0 and "EUR" not in only.output


def test_a_second_key_that_was_not_published_is_not_sealed_to() -> None:
    call = LEVELS[0]
    assert "both keys" in " ".join(prove(call.file()))
    for other in (new_identity()[1], ""):
        with pytest.raises(Cannot, match="not the one that was published"):
            prove(call.file(financial_recipient=other))


def test_a_receipt_has_to_name_both_envelopes(tmp_path: Path) -> None:
    package, _ = sealed(tmp_path, LEVELS[0])
    words = dict.fromkeys(("tender", "supplier", "received_at", "deadline_applied", "record", "merge_by", "key"), "-")
    receipt = ReceiptBody(
        **words, version=1, digest=package.bid.digest, recipient=package.envelope.recipient,
        financial=package.bid.financial,
    )  # fmt: skip
    assert package.is_named_by(receipt)
    for other in (msgspec.UNSET, "a" * 64):
        assert not package.is_named_by(msgspec.structs.replace(receipt, financial=other))


@pytest.mark.parametrize("call", APART, ids=lambda call: call.level)
def test_where_lots_are_priced_apart_each_has_an_envelope_and_a_kit_of_its_own(tmp_path: Path, call: Call) -> None:
    package, kits = sealed(tmp_path, call, **BOTH)
    places = [("technical", ""), ("financial", "l1"), ("financial", "l2")]
    assert [(one.kind, one.lot_group) for one in package.envelopes] == places
    quorum = tuple(range(1, package.envelope.m + 1))
    assert [call.identity_of(one, quorum) for one in package.envelopes] == [kit.identity for kit in kits]
    assert len({kit.identity for kit in kits}) == 3
    for kit, total in zip(kits[1:], ("5.50", "2000.00"), strict=True):
        alone = opening.open_package(package, [kit])
        assert [lot.total for prices in alone.prices for lot in prices.lots] == [total]
    assert [(one.kind, one.lots) for one in opening.open_package(package, kits).manifests] == [
        ("technical", ("l1", "l2")),
        ("financial", ("l1",)),
        ("financial", ("l2",)),
    ]


def test_a_lot_without_prices_has_no_envelope(tmp_path: Path) -> None:
    package, kits = sealed(tmp_path, APART[0], ".zip")
    assert [(one.kind, one.lot_group) for one in package.envelopes] == [("technical", ""), ("financial", "l2")]
    assert package.bid.financial_lots == {"l2": kits[1].digest} and not package.bid.financial
    assert (tmp_path / "kit.financial.lot-2.json").exists()


def test_a_receipt_has_to_name_the_envelope_of_every_lot(tmp_path: Path) -> None:
    package, _ = sealed(tmp_path, APART[0], **BOTH)
    words = dict.fromkeys(("tender", "supplier", "received_at", "deadline_applied", "record", "merge_by", "key"), "-")
    receipt = ReceiptBody(
        **words, version=1, digest=package.bid.digest, recipient=package.envelope.recipient,
        financial_lots=package.bid.financial_lots,
    )  # fmt: skip
    assert package.is_named_by(receipt) and package.bid.financial_lots
    for other in (msgspec.UNSET, {"l1": package.bid.financial_lots["l1"]}):
        assert not package.is_named_by(msgspec.structs.replace(receipt, financial_lots=other))


def test_the_share_of_one_lot_is_not_taken_for_that_of_another() -> None:
    call = APART[1]
    bid = seal_bid(call.file().asked(), BOTH, [Attached("a", "a/b", b"method")])
    moved = msgspec.structs.replace(bid.financial[0].envelope, lot_group="l2")
    with pytest.raises(Refused) as no:
        call.identity_of(moved, (1, 2))
    assert no.value.code == "dealing-inconsistent"


def test_prices_of_each_lot_are_written_into_a_file_of_their_own(tmp_path: Path) -> None:
    package, kits = sealed(tmp_path, APART[0], **BOTH)
    opening.write(package, kits, tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["1-prices.json", "2-prices.json", "Method.pdf", "declarations.json"]
