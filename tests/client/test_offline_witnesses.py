"""The offline tool seals only to what stands in a log that as many witnesses cosigned as the bidder asks for."""

import hashlib
from collections.abc import Sequence

import httpx
import pytest
from click.testing import CliRunner
from offline_tender import LOG, NOON, Call, filled
from witnessed import FAR, NEAR, keys

from procurement.client import Client, Quorum
from procurement.client.offline import Cannot
from procurement.client.offline.command import seal
from procurement.client.offline.fetching import newest_for
from procurement.client.offline.proving import prove
from procurement.client.offline.tender_file import TenderFile
from procurement.kernel.checkpoint import Checkpoint
from procurement.kernel.cosignature import CosignerKey


def cosigned(*cosigners: CosignerKey) -> TenderFile:
    call = Call()
    return call.file(evidence=call.evidence(cosigners=cosigners))


@pytest.mark.parametrize(
    ("cosigners", "needed", "words"),
    [
        ([NEAR, FAR], 0, "you ask for cosigned that log: 2"),
        ([NEAR], 1, "you ask for cosigned that log: 1"),
        ([NEAR], 0, ""),
        ([], 1, ""),
    ],
)
def test_as_many_have_to_have_cosigned_as_are_asked_for(
    cosigners: Sequence[CosignerKey], needed: int, words: str
) -> None:
    """Fails where the evidence's checkpoint is not looked at; "" is a refusal."""
    asked = Quorum.of(keys(NEAR, FAR), needed)
    if words:
        assert any(words in check for check in prove(cosigned(*cosigners), witnesses=asked))
        return
    with pytest.raises(Cannot, match=r"have cosigned the record .*\(checkpoint-unwitnessed\)") as no:
        prove(cosigned(*cosigners), witnesses=asked)
    assert no.value.code == "checkpoint-unwitnessed"


def test_the_command_takes_the_keys_and_seals_nothing_without_enough(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("bid")
    made = filled(place / "bid", cosigned(NEAR), {"offer.pdf": b"%PDF-1.7"}, i1="12.50", i2="3", i3="0.10")
    both = [part for key in keys(NEAR, FAR) for part in ("--witness", key)]
    for options, code, words in (
        ([*both, "--needed", "1"], 0, "READY"),
        (both, 1, "checkpoint-unwitnessed"),
        ([*both, "--needed", "3"], 2, "--witness, --needed"),
    ):
        run = CliRunner().invoke(seal, ["bid", str(made), "--dry-run", *options])
        assert run.exit_code == code and words in run.output, run.output


def note(size: int, *cosigners: CosignerKey) -> str:
    text = Checkpoint(LOG.verifier.name, size, hashlib.sha256(b"root").digest()).text()
    return LOG.sign(text) + "".join(one.cosign(text, NOON) for one in cosigners)


@pytest.mark.parametrize(("proven", "taken"), [(9, 9), (0, 12)])
def test_a_tender_is_fetched_with_the_checkpoint_in_which_the_service_proves_it(proven: int, taken: int) -> None:
    """That is the one that most witnesses cosigned. In the first second there is none, which is told on a page."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/ledger/checkpoint":
            return httpx.Response(200, text=note(12))
        assert request.url.path == "/ledger/proof/7"
        if proven:
            return httpx.Response(200, json={"index": 7, "size": proven, "path": [], "checkpoint": note(proven, NEAR)})
        return httpx.Response(404, html="<!doctype html><title>Not yet</title>")

    with Client("http://service.example", transport=httpx.MockTransport(answer)) as client:
        assert newest_for(client, str(LOG.verifier), 7) == (note(taken, *([NEAR] if proven else [])), taken)
