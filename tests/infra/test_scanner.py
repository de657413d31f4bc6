"""What the malware scanner is asked and what its answers mean, over real sockets."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from clamd import EICAR, NAME, Clamd, listening, nobody, real

from procurement.infra import doctor, scanner
from procurement.infra.scanner import NotAnswering, Scanner, verdict
from procurement.kernel.scan import Scan, Verdict
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_a_clean_file_and_malware_across_two_chunks_over_both_kinds_of_socket(tmp_path: Path) -> None:
    for path in (None, tmp_path / "clamd.sock"):
        async with listening(Clamd(), path) as clamd:
            there = Scanner(clamd.address)
            assert await there.scan(9, pieces(b"We offer ", b"", b"asphalt")) == Scan(Verdict.CLEAN)
            assert await there.scan(68, pieces(EICAR[:20], EICAR[20:])) == Scan(Verdict.FOUND, NAME)
            assert clamd.seen == [b"We offer asphalt", EICAR]


async def test_an_empty_file_is_asked_about_too() -> None:
    async with listening(Clamd()) as clamd:
        assert await Scanner(clamd.address).scan(0, pieces()) == Scan(Verdict.CLEAN)


async def test_a_file_that_is_too_large_for_the_scanner_is_not_called_clean() -> None:
    async with listening(Clamd(limit=1 << 20)) as clamd:
        many = pieces(*[b"x" * (1 << 19)] * 40)
        assert (await Scanner(clamd.address).scan(20 << 20, many)).verdict is Verdict.TOO_LARGE
        assert (await Scanner(clamd.address).scan(scanner.LARGEST + 1, pieces())).verdict is Verdict.TOO_LARGE


async def test_a_scanner_that_is_gone_or_deaf_or_mad_gives_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await Scanner(nobody()).scan(1, pieces(b"x"))).verdict is Verdict.UNANSWERED
    for address in ("http://127.0.0.1", "tcp://127.0.0.1:no", "unix://"):
        assert (await Scanner(address).scan(1, pieces(b"x"))).verdict is Verdict.UNANSWERED
    async with listening(Clamd(lambda _: b"stream: " + b"\x1b" * 9000)) as mad:
        assert (await Scanner(mad.address).scan(1, pieces(b"x"))).verdict is Verdict.UNANSWERED
    monkeypatch.setattr(scanner, "PATIENCE", 0.2)
    async with listening(Clamd(deaf=True)) as deaf:
        assert (await Scanner(deaf.address).scan(1, pieces(b"x"))).verdict is Verdict.UNANSWERED


def test_only_clamds_own_words_are_a_verdict() -> None:
    assert verdict("stream: Win.\x1b[31mTest FOUND") == Scan(Verdict.FOUND, "Win.[31mTest")
    assert len(verdict(f"stream: {'a' * 900} FOUND").found) == scanner.LONGEST_NAME
    for answer in ("", "OK", "stream: OK FOUN", "INSTREAM: Command read timed out. ERROR"):
        with pytest.raises(NotAnswering):
            verdict(answer)


@pytest.mark.skipif(shutil.which("clamd") is None, reason="clamd is not installed")
async def test_the_real_clamd_agrees(tmp_path: Path) -> None:
    async with real(tmp_path) as there:
        assert (await there.version()).startswith("ClamAV ")
        assert await there.scan(7, pieces(b"asphalt")) == Scan(Verdict.CLEAN)
        assert NAME in (await there.scan(len(EICAR), pieces(EICAR))).found


async def test_the_doctor_says_what_scans_and_what_does_not() -> None:
    async def said(address: str) -> tuple[str, str]:
        found = await doctor.CHECKS["malware"](Settings(clamav_url=address))
        return found[0].state, found[0].text

    async with listening(Clamd()) as clamd:
        state, text = await said(clamd.address)
    assert state == "ok"
    assert "ClamAV 1.4.2" in text
    for address, words in (("", "not scanned"), (nobody(), "does not answer"), ("here", "neither unix")):
        state, text = await said(address)
        assert state == "advice"
        assert words in text
