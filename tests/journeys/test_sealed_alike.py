"""What a browser seals, Python opens to the same bytes, and the other way round: random bids of 0 B to 16 MB.

`make alike` runs 1,000 of them.
"""

import os
import random
import secrets
from decimal import Decimal

import msgspec
import pytest
import witnessed
from bids_to_seal import FINANCIAL_KEYHOLDER, KEYHOLDER, LINES, STATEMENTS, TYPED, asked_of, committee, files_of
from playwright.sync_api import Page
from promises import HONEST, OPENS, TENDER, cases, pinned, times
from sealing_counter import Counter

from procurement.kernel.canonical import sha256_hex
from procurement.kernel.entry import stamp
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    PART,
    Dealing,
    Envelope,
    HolderKey,
    Manifest,
    Roster,
    check_binding,
    check_blobs,
    digest,
    envelope_bytes,
    join_shares,
    new_identity,
    open_share,
    parse_envelope,
    parse_kit,
    parse_manifest,
    parse_prices,
    seal_part,
    shamir,
    unlock_identity,
    unlock_shares,
)
from procurement.kernel.sealing.age import decrypt
from procurement.kernel.sealing.declarations import declarations_bytes
from procurement.kernel.sealing.reading import plain_bytes
from procurement.kernel.sealing.schedule import Line, lot_by_lot, price_schedule

COVER = """async (given) => Object.fromEntries(
    await Promise.all(Object.entries(given).map(async ([name, one]) => [name, await coverOf(...one)])))"""
ONE_LOT = tuple(line for line in LINES if line.lot == "lot-1")
BIDS = int(os.environ.get("SEALED_BIDS", "20"))


def unlocked(envelope: Envelope, roster: Roster | None, keys: list[HolderKey], chance: random.Random) -> str:
    """E, as the opening has it: from the keyholder alone, or from as many holders as it takes, any of them."""
    keyholder = FINANCIAL_KEYHOLDER if envelope.kind == "financial" else KEYHOLDER
    if roster is None:
        return unlock_identity(envelope.locked_bytes(), keyholder)
    sealed = unlock_shares(envelope.locked_bytes(), keyholder)
    acting = chance.sample(range(roster.n), roster.m)
    given = {keys[x].holder: open_share(sealed[x], keys[x].identity) for x in acting}
    return join_shares(Dealing.of(envelope, roster), sealed, given)


def contents(counter: Counter, envelope: Envelope, identity: str) -> tuple[Manifest, dict[str, bytes]]:
    parts = [counter.part(blob.sha256) for blob in envelope.blobs]
    assert [len(part) for part in parts] == [blob.size for blob in envelope.blobs]
    manifest = parse_manifest(decrypt(parts[0], identity))
    check_blobs(manifest, envelope.blobs)
    rest = iter(parts[1:])
    return manifest, {
        file.name: b"".join(plain_bytes(file, [next(rest) for _ in file.parts], identity)) for file in manifest.files
    }


@pytest.mark.timeout(60 + 5 * BIDS)
def test_random_bids_sealed_in_the_browser_open_in_python(sealer: Page, counter: Counter) -> None:
    chance, shapes = random.Random(5), set[tuple[str, ...]]()
    for number in range(BIDS):
        m, n = chance.choice(((0, 0), (2, 3), (3, 5)))
        roster, keys = committee(f"2026-{number:04}", m, n) if m else (None, [])
        two, lines = number % 3 == 2, ONE_LOT if number % 6 == 2 else LINES
        asked, files = asked_of(number, roster, keys, two=two, lines=lines), files_of(number, chance)
        typed = {line.item: chance.choice(TYPED) for line in lines if line.lot == "lot-1" or number % 4 == 3}
        counter.expect(asked)
        sealed = sealer.evaluate(
            "([files, typed]) => sealBid('/calls', files, typed)", [msgspec.to_builtins(files), typed]
        )
        assert counter.offer and sealed["opened"] is True
        own = price_schedule(lines, typed, "EUR")
        apart = lot_by_lot(lines, own) if asked.financial_recipient and lines is LINES else {"": own}
        wanted = [("technical", ""), *(("financial", lot) for lot in apart)] if two else [("single", "")]
        assert [(one.kind, one.lot_group) for one in counter.offer.envelopes] == wanted
        shapes.add(tuple(f"{kind} {lot}" for kind, lot in wanted))
        whole: dict[str, bytes] = {}
        for place, offered in enumerate(counter.offer.envelopes):
            data = envelope_bytes(offered)
            envelope = parse_envelope(data)
            assert digest(data) == sealed["digests"][place]
            identity = unlocked(envelope, roster, keys, chance)
            kit = parse_kit(sealed["kits"][place].encode())
            assert (kit.identity, kit.digest, kit.tender) == (identity, sealed["digests"][place], asked.tender)
            manifest, found = contents(counter, envelope, identity)
            check_binding(
                manifest, tender=asked.tender, revision=asked.revision, kind=envelope.kind, round=1,
                supplier="supplier", version=asked.version,
            )  # fmt: skip
            priced = apart[envelope.lot_group] if place else own
            assert manifest.lots == tuple(lot.lot for lot in priced.lots)
            assert not two or ("prices.json" in found) is (place > 0), "and parse_manifest saw it alone there"
            if "prices.json" in found:
                lots, items = frozenset(lot.lot for lot in priced.lots), frozenset(line.item for line in LINES)
                assert parse_prices(found.pop("prices.json"), "EUR", lots, items) == priced
            assert [one.confidential for one in manifest.files if one.name in {each.name for each in files}] == (
                [one.confidential for one in files] if place == 0 else []
            )
            whole |= found
            _clear(counter, envelope)
        assert whole.pop("declarations.json") == declarations_bytes(STATEMENTS)
        assert whole == {file.name: file.content for file in files}, f"bid {number}"
    assert {len(shape) for shape in shapes} == {1, 2, 3} and ("technical ", "financial ") in shapes


def test_what_python_seals_opens_in_the_browser(sealer: Page, counter: Counter) -> None:
    identity, recipient = new_identity()
    for size in (0, 1, 65_536, 65_537, PART):
        plain = secrets.token_bytes(size)
        sealed = seal_part(plain, recipient)
        name = sha256_hex(sealed)
        (counter.folder / name).write_bytes(sealed)
        opened = sealer.evaluate("([name, identity]) => openPart('/' + name, identity)", [name, identity])
        assert opened == sha256_hex(plain)


def test_the_price_schedule_is_the_same_whoever_reckons_it(sealer: Page) -> None:
    chance = random.Random(7)
    odd = (
        *TYPED,
        "",
        " ",
        "-1",
        "1e3",
        "12.1234567",
        "1.2.3",
        "1,2,3",
        "abc",
        "\u0664",
        "1\u00a0000'000",
        "999999999999.999999",
    )
    for digits, currency in ((2, "EUR"), (0, "JPY"), (3, "TND")):
        for _ in range(40):
            lines = [
                Line(f"i{n}", f"l{n % 2}", Decimal(chance.choice(("1", "0.005", "3.5", "16800", "0.333"))))
                for n in range(4)
            ]
            typed = {line.item: chance.choice(odd) for line in lines}
            ours = sealer.evaluate(
                "([lines, typed, currency, digits]) => schedule(lines, typed, currency, digits)",
                [msgspec.to_builtins(lines), typed, currency, digits],
            )
            try:
                theirs = {"prices": msgspec.to_builtins(price_schedule(lines, typed, currency))}
            except Refused as no:
                theirs = {"wrong": list(no.fields)}
            assert ours == msgspec.json.decode(msgspec.json.encode(theirs)), (typed, lines)


@pytest.mark.parametrize(("m", "n"), [(2, 3), (3, 5), (4, 7), (15, 15)])
def test_shares_dealt_by_one_are_joined_by_the_others(sealer: Page, m: int, n: int) -> None:
    secret = secrets.token_bytes(32)
    dealt = sealer.evaluate("([secret, m, n]) => deal(secret, m, n)", [secret.hex(), m, n])
    assert set(dealt["joined"]) == {secret.hex()}, "by an independent library"
    points = {x: bytes.fromhex(y) for x, y in enumerate(dealt["ys"], start=1)}
    chosen = random.sample(sorted(points), m)
    assert shamir.join({x: points[x] for x in chosen}) == secret
    fewer = {x: points[x] for x in chosen[1:]}
    assert shamir.join(fewer) != secret
    ours = list(enumerate((y.hex() for y in shamir.split(secret, m, n)), start=1))
    assert sealer.evaluate("(shares) => joinShares(shares)", random.sample(ours, m)) == secret.hex()


def test_the_browser_makes_of_the_keyholders_word_what_python_does(sealer: Page) -> None:
    both = [(name, told, opens, pin, expected) for pin, given in (("", cases()), (str(HONEST.verifier), pinned()))
            for name, told, opens, expected in given]  # fmt: skip
    given = {name: [msgspec.to_builtins(told), TENDER, stamp(opens), pin] for name, told, opens, pin, _ in both}
    assert sealer.evaluate(COVER, given) == {name: expected for name, *_, expected in both}
    for name, told, until in times():
        opens = None if until != OPENS else stamp(OPENS)
        said = sealer.evaluate("(given) => untilOf(...given)", [msgspec.to_builtins(told), TENDER, opens])
        assert said == stamp(until), name


def test_the_browser_counts_cosignatures_as_python_does(sealer: Page) -> None:
    given = {name: [note, keys, needed] for name, note, keys, needed, _ in witnessed.cases()}
    made = sealer.evaluate(COVER.replace("coverOf", "quorum"), given)
    assert made == {name: expected for name, *_, expected in witnessed.cases()}


def _clear(counter: Counter, envelope: Envelope) -> None:
    """What a long run would fill the disk with."""
    for blob in envelope.blobs:
        (counter.folder / blob.sha256).unlink(missing_ok=True)
