"""A bid made without a network: what is wrong is said at once, what is sealed opens for whom it must, nobody else."""

import itertools
import os
import random
import socket
import zipfile
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from offline_tender import NOON, SUPPLIER, TENDER, Call, filled

from procurement.client.offline import Cannot, folder, making, opening
from procurement.client.offline.command import seal as command
from procurement.client.offline.package import Package
from procurement.client.offline.proving import prove
from procurement.client.offline.tender_file import read, write
from procurement.client.sealing import Attached, seal_bid
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Prices, SealedPart, age, envelope_bytes, parse_envelope, parse_manifest
from procurement.kernel.sealing.kit import kit_bytes, parse_kit
from procurement.kernel.sealing.parts import PART
from procurement.kernel.sealing.reading import plain_bytes

OFFER = {"Offer.pdf": b"We offer asphalt." * 1000, "Recipe.txt": b"Two of sand."}
ROUND_TRIPS = int(os.environ.get("SEALED_BIDS", "30"))
LEVELS = [Call(), Call("S2", 2, 3), Call("S3", 3, 5)]


def sealed(tmp_path: Path, call: Call, *, ending: str = "", documents: dict[str, bytes] | None = None) -> Path:
    """A package of version 1, with its kit beside it."""
    place = filled(tmp_path / "bid", call.file(), documents or OFFER, i3="2.00")
    package = tmp_path / f"package{ending}"
    making.seal(call.file(), folder.read(place, call.file()), package, tmp_path / "kit.json")
    return package


@pytest.mark.parametrize("call", LEVELS, ids=lambda call: call.level)
def test_what_is_sealed_offline_opens_with_the_kit_and_with_every_quorum(tmp_path: Path, call: Call) -> None:
    package = Package.open(sealed(tmp_path, call))
    kit = opening.read_kit(tmp_path / "kit.json")
    opened = opening.open_package(package, [kit])
    assert [lot.total for prices in opened.prices for lot in prices.lots] == ["2000.00"]
    assert opening.compare(opened, tmp_path / "bid" / folder.DOCUMENTS) == 2, "declarations are not of the folder"
    assert (package.envelope.m, package.envelope.n) == ((call.roster.m, call.roster.n) if call.roster else (0, 0))
    quorums = itertools.combinations(range(1, package.envelope.n + 1), package.envelope.m)
    assert {call.identity_of(package.envelope, places) for places in quorums} == {kit.identity}
    if call.roster:
        with pytest.raises(Refused) as no:
            call.identity_of(package.envelope, tuple(range(1, call.roster.m)))
        assert no.value.code == "shares-missing"


def test_one_file_is_as_good_as_a_folder_and_holds_nothing_readable(tmp_path: Path) -> None:
    package = sealed(tmp_path, Call("S2", 2, 3), ending=".zip")
    held = Package.open(package)
    assert opening.open_package(held, [opening.read_kit(tmp_path / "kit.json")]).sha256.keys() >= OFFER.keys()
    with zipfile.ZipFile(package) as opened:
        everything = b"".join(opened.read(name) for name in opened.namelist())
    assert not any(word in everything for word in (b"Offer.pdf", b"asphalt", b"Recipe", b"sand", b"2000.00"))
    assert (tmp_path / "kit.json").stat().st_mode & 0o077 == 0


def test_everything_that_is_wrong_in_the_folder_is_said_at_once(tmp_path: Path) -> None:
    file = Call().file()
    place = filled(tmp_path / "bid", file, {"prices.json": b"", ".DS_Store": b""}, i1="eleven", i3="2")
    (place / folder.DOCUMENTS / "plans").mkdir()
    (place / folder.CONFIRMED).write_text("code,statement,confirmed\nterms,…,no\n")
    (place / folder.CONFIDENTIAL).write_text("file,reason\nNo such.pdf,secret\n")
    with pytest.raises(Cannot) as no:
        folder.read(place, file)
    said = [problem.partition(":")[0] for problem in no.value.problems]
    assert sorted(said) == ["confidential.csv", "declarations.csv", "documents/plans", "documents/prices.json",
                            "prices.csv", "prices.csv"]  # fmt: skip
    assert not any("eleven" in problem for problem in no.value.problems), "prices are repeated nowhere"


@pytest.mark.parametrize("table, words", [
    ("", "the column item is missing"), ("item,price\n", "the column unit_price is missing"),
    ("item,unit_price\ni3,-2\n", "Write the price of one unit"), ("item\tunit_price\ni3\t\n", "at least one lot"),
    ("item,unit_price\ni1,5\n", "Give a price for every item"),
])  # fmt: skip
def test_a_price_table_that_cannot_be_one_is_refused(tmp_path: Path, table: str, words: str) -> None:
    place = filled(tmp_path / "bid", Call().file(), OFFER)
    (place / folder.PRICES).write_text(table)
    with pytest.raises(Cannot) as no:
        folder.read(place, Call().file())
    assert words in str(no.value)


def test_prices_may_be_json_and_reasons_are_sealed_with_their_document(tmp_path: Path) -> None:
    file = Call().file()
    place = filled(tmp_path / "bid", file, OFFER)
    (place / folder.PRICES_JSON).write_text('{"i3": "2,50"}')
    (place / folder.CONFIDENTIAL).write_text("file,reason\nRecipe.txt,Our recipe\n")
    prepared = folder.read(place, file)
    assert [lot.total for lot in prepared.prices.lots] == ["2500.00"]
    assert {one.name: one.confidential for one in prepared.documents} == {
        "declarations.json": "", "Offer.pdf": "", "Recipe.txt": "Our recipe",
    }  # fmt: skip


def test_fetching_again_keeps_what_was_filled_in(tmp_path: Path) -> None:
    file = Call().file()
    place = filled(tmp_path / "bid", file, OFFER, i3="2")
    assert folder.begin(place, file) == [place / folder.TENDER]
    assert folder.read(place, read(place / folder.TENDER)).prices.items[0].unit_price == "2"
    assert "'=Kerbs" in (folder.begin(tmp_path / "new", file)[1]).read_text(encoding="utf-8-sig")


def test_a_dry_run_seals_everything_and_keeps_nothing(tmp_path: Path) -> None:
    file = Call("S2", 2, 3).file()
    place = filled(tmp_path / "bid", file, OFFER, i3="2")
    before = sorted(tmp_path.rglob("*"))
    made = making.rehearse(file, folder.read(place, file))
    assert made.totals == {2: "2000.00 EUR"} and made.documents["Offer.pdf"] == 17_000
    assert sorted(tmp_path.rglob("*")) == before


def test_sealing_checking_and_opening_touch_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, package = filled(tmp_path / "bid", Call("S2", 2, 3).file(), OFFER, i3="2"), tmp_path / "package"

    def refuse(*words: object, **named: object) -> None:
        raise AssertionError("somebody asked for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for words in (
        ("bid", place, "--dry-run"),
        ("bid", place, "--to", package),
        ("check", package, "--kit", tmp_path / "package.kit.json", "--documents", place / folder.DOCUMENTS),
        ("open", package, "--kit", tmp_path / "package.kit.json", "--to", tmp_path / "out"),
    ):
        done = CliRunner().invoke(command, [str(word) for word in words])
        assert done.exit_code == 0, done.output
    assert "lot l2: 2000.00 EUR" in done.output and "Offer.pdf, 17,000 bytes" in done.output


def test_without_a_token_or_with_nothing_to_do_the_tool_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROCUREMENT_TOKEN", raising=False)
    package = sealed(tmp_path, Call())
    for words, said in (
        (("submit", package, "--from", "http://127.0.0.1:9"), "Set PROCUREMENT_TOKEN"),
        (("bid", tmp_path / "bid"), "--dry-run to keep nothing"),
        (("check", package, "--kit", tmp_path / "bid" / "tender.json"), "recovery kit"),
    ):
        done = CliRunner().invoke(command, [str(word) for word in words])
        assert done.exit_code != 0 and said in done.output


def test_what_cannot_be_sealed_leaves_no_package_and_no_kit(tmp_path: Path) -> None:
    file = Call().file(bid_limit=10_000)
    place = filled(tmp_path / "bid", file, OFFER, i3="2")
    for package in (tmp_path / "package", tmp_path / "package.zip"):
        with pytest.raises(Cannot, match="at most"):
            making.seal(file, folder.read(place, file), package, tmp_path / "kit.json")
    assert [one.name for one in tmp_path.iterdir()] == ["bid"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    package = sealed(tmp_path, Call())
    for place, kit in ((package, tmp_path / "other.json"), (tmp_path / "other", tmp_path / "kit.json")):
        with pytest.raises(Cannot, match="exists"):
            making.seal(Call().file(), folder.read(tmp_path / "bid", Call().file()), place, kit)


def test_a_damaged_package_and_another_bids_kit_are_told(tmp_path: Path) -> None:
    package = sealed(tmp_path, Call())
    kit = opening.read_kit(tmp_path / "kit.json")
    other = seal_bid(Call().file().asked(), {"i3": "2"}).kit
    with pytest.raises(Cannot, match="another bid"):
        opening.open_package(Package.open(package), [other])
    part = next((package / "parts").iterdir())
    whole = part.read_bytes()
    part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Cannot, match="damaged"):
        opening.open_package(Package.open(package), [kit])
    part.unlink()
    with pytest.raises(Cannot, match="missing"):
        opening.open_package(Package.open(package), [kit])
    envelope = package / "envelope.json"
    envelope.write_bytes(envelope.read_bytes().replace(b'"round":1', b'"round":2'))
    with pytest.raises(Cannot, match="altered"):
        Package.open(package)


def test_documents_that_are_not_those_of_the_folder_are_named(tmp_path: Path) -> None:
    package = Package.open(sealed(tmp_path, Call()))
    opened = opening.open_package(package, [opening.read_kit(tmp_path / "kit.json")])
    documents = tmp_path / "bid" / folder.DOCUMENTS
    (documents / "Offer.pdf").write_bytes(b"another offer")
    (documents / "Recipe.txt").rename(documents / "Recipe 2.txt")
    with pytest.raises(Cannot) as no:
        opening.compare(opened, documents)
    assert [problem.split(" is ")[0] for problem in no.value.problems] == ["Offer.pdf", "Recipe 2.txt", "Recipe.txt"]


def test_a_bidder_takes_its_own_bid_out_again(tmp_path: Path) -> None:
    package = Package.open(sealed(tmp_path, Call()))
    kit = opening.read_kit(tmp_path / "kit.json")
    opening.write(package, [kit], tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in OFFER} == OFFER
    with pytest.raises(Cannot, match="exists"):
        opening.write(package, [kit], tmp_path / "out")


def test_a_kit_is_of_one_key(tmp_path: Path) -> None:
    kit, other = (seal_bid(Call().file().asked(), {"i3": "2"}).kit for _ in range(2))
    assert parse_kit(kit_bytes(kit)) == kit
    with pytest.raises(Refused) as no:
        parse_kit(kit_bytes(msgspec.structs.replace(kit, identity=other.identity)))
    assert no.value.code == "kit-malformed"


def back(parts: tuple[SealedPart, ...], identity: str) -> tuple[str, bytes]:
    """The unit price and the document inside."""
    listed, *rest = (part.data for part in parts)
    manifest, held = parse_manifest(age.decrypt(listed, identity)), iter(rest)
    priced, document = manifest.files
    prices = msgspec.json.decode(b"".join(plain_bytes(priced, held, identity)), type=Prices)
    return prices.items[0].unit_price, b"".join(plain_bytes(document, held, identity))


def test_a_tender_file_comes_whole_to_the_other_side(tmp_path: Path) -> None:
    call = Call("S3", 2, 3)
    moved = {"revision": 2, "revision_hash": "b" * 64, "opening_at": NOON, "opening_keys": [call.word(NOON)]}
    call.facts.append(("DeadlineExtended", {"tender": TENDER} | moved))
    file = call.file(revision="b" * 64)
    write(file, tmp_path / "tender.json")
    carried = read(tmp_path / "tender.json")
    assert carried == file and (carried.deadline, carried.supplier) == (NOON, SUPPLIER)
    assert len(prove(carried)) == 4
    (tmp_path / "tender.json").write_text("{}")
    with pytest.raises(Cannot, match="no tender file"):
        read(tmp_path / "tender.json")


def test_random_bids_come_back_byte_for_byte_at_every_level() -> None:
    """Lengths where a part, a padding or an empty file begins and ends, and any between."""
    chance, edges = random.Random(418), (0, 1, 2, 255, 256, 65_535, PART - 1, PART, PART + 1, 2 * PART)
    for number in range(ROUND_TRIPS):
        call = LEVELS[number % 3]
        size = (
            edges[number] if number < len(edges) else chance.choice((chance.randrange(4000), chance.randrange(10**6)))
        )
        data = chance.randbytes(size)
        bid = seal_bid(call.file().asked(), {"i3": f"{number}.5"}, [Attached("a", "a/b", data, "secret")])
        envelope = parse_envelope(envelope_bytes(bid.envelope))
        places = tuple(chance.sample(range(1, envelope.n + 1), envelope.m))
        assert call.identity_of(envelope, places) == bid.kit.identity
        assert back(bid.parts, bid.kit.identity) == (f"{number}.5", data)
