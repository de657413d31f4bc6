"""What the tool tells the bidder, in lines."""

import sys

import click

from procurement.client.offline.making import Made
from procurement.client.offline.opening import Opened
from procurement.client.offline.tender_file import TenderFile
from procurement.kernel.sealing.opening_record import Word

BEFORE = {
    "S1": "{operator}, acting against the rules. Not the buyer.",
    "S2": "{operator}, together with a quorum of the key holders.",
    "S3": "{operator}, together with a quorum of the key holders, one of them outside the buyer. No server ever holds "
    "it readable: only the bidders themselves seal.",
}
"""Seal level -> who could read a bid before the opening."""


def limits(level: str, word: Word) -> list[str]:
    """Who could read it; what the keyholder did not say; and its other keys, which somebody has to explain."""
    operator = "the operator of the keyholder" + ("" if word.key else " or of the site")
    lines = [f"Who could read it before the opening (seal level {level}): {BEFORE[level].format(operator=operator)}"]
    if not word.key:
        lines.append(f"This tender was {word.in_words}.")
    if word.others:
        lines.append(f"THE RECORD HAS OTHER KEYS OF THE KEYHOLDER TOO: {', '.join(word.others)}.")
        lines.append(f"Ask its operator which is its own; this was checked with {word.key}.")
    return lines


def inside(made: Made, tender: TenderFile) -> list[str]:
    """What was sealed, for whom."""
    asked = f"bid {tender.version} for {tender.tender} “{tender.title}”"
    totals = [f"lot {number}: {total} without tax" for number, total in made.totals.items()]
    documents = [f"{name}, {size:,} bytes" for name, size in made.documents.items()]
    envelopes = [one.envelope for one in made.sealed.envelopes]
    many = len(envelopes)
    apart = [f"{many} envelopes: prices are sealed apart, and opened only if the rest passes"] if many > 1 else []
    parts = sum(len(envelope.blobs) for envelope in envelopes)
    return [asked, *totals, *documents, *apart, f"{made.size:,} bytes sealed in {parts} parts"]


def opened(one: Opened) -> list[str]:
    """What a package holds."""
    manifest, priced = one.manifests[0], list[str]()
    for prices in one.prices:
        priced += [f"lot {lot.lot}: {lot.total} {prices.currency} without tax" for lot in prices.lots]
        priced += [f"item {item.item}: {item.unit_price} each" for item in prices.items]
    files = [
        f"{file.name}, {file.size:,} bytes, SHA-256 {one.sha256[file.name]}"
        + (f", confidential: {file.confidential}" if file.confidential else "")
        for file in one.documents
    ]
    return [
        f"bid {manifest.version} of {manifest.supplier} for {manifest.tender}",
        *priced,
        *files,
    ]


def progress(done: int, whole: int) -> None:
    """One line that is written over, for people; nothing where the output is a file."""
    if sys.stderr.isatty():
        click.echo(f"\r{done * 100 // whole:3} %", nl=done == whole, err=True)
