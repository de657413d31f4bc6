"""Files are stored by the hash of their bytes, durably, or not at all."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from procurement.infra.files import Files, Stored
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio
MIB = 1 << 20


async def chunks(*parts: bytes | Exception) -> AsyncIterator[bytes]:
    for part in parts:
        if isinstance(part, Exception):
            raise part
        yield part


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files.connect("", tmp_path)


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.rglob("*") if path.is_file())


async def read(files: Files, stored: Stored) -> bytes:
    return b"".join([chunk async for chunk in await files.open("documents", stored.sha256)])


async def test_a_stored_file_reads_back_as_it_was_written(files: Files, tmp_path: Path) -> None:
    parts = [bytes([n]) * (3 * MIB) for n in range(3)]
    stored = await files.put_stream("documents", chunks(*parts), limit=10 * MIB)
    assert stored == Stored(hashlib.sha256(b"".join(parts)).hexdigest(), 9 * MIB)
    assert await read(files, stored) == b"".join(parts)
    assert left(tmp_path) == [stored.sha256]


async def test_an_empty_file_and_an_equal_file_are_files_too(files: Files, tmp_path: Path) -> None:
    first = await files.put_stream("documents", chunks(b""), limit=1)
    assert first == await files.put_stream("documents", chunks(), limit=1)
    assert await read(files, first) == b""
    assert len(left(tmp_path)) == 1


async def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(files: Files, tmp_path: Path) -> None:
    with pytest.raises(Refused) as no:
        await files.put_stream("sealed", chunks(b"x" * 8, b"y" * 3), limit=10)
    assert (no.value.code, no.value.status, left(tmp_path)) == ("file-too-large", 413, [])


async def test_a_file_with_another_hash_than_announced_is_refused_and_leaves_nothing(
    files: Files, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as no:
        await files.put_stream("sealed", chunks(b"x"), limit=10, expected="0" * 64)
    assert (no.value.code, no.value.status, left(tmp_path)) == ("hash-mismatch", 422, [])


async def test_a_sender_who_goes_away_leaves_nothing(files: Files, tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        await files.put_stream("sealed", chunks(b"x" * 6 * MIB, ConnectionResetError()), limit=10 * MIB)
    assert left(tmp_path) == []


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "A" * 64, ""])
async def test_a_file_nobody_stored_is_unknown(files: Files, digest: str) -> None:
    with pytest.raises(Refused) as no:
        await files.open("documents", digest)
    assert (no.value.code, no.value.status) == ("file-unknown", 404)


async def test_a_sealed_file_cannot_be_read_as_a_public_document(files: Files) -> None:
    stored = await files.put_stream("sealed", chunks(b"price: 12"), limit=10)
    assert await files.has("sealed", stored.sha256)
    assert not await files.has("documents", stored.sha256)


async def test_file_and_folder_are_synced_before_the_file_is_acknowledged(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    fsync = os.fsync

    def watched(handle: int) -> None:
        synced.add(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    stored = await files.put_stream("sealed", chunks(b"bid"), limit=10)
    folder = tmp_path / "files" / "sealed" / stored.sha256[:2]
    assert {str(folder / stored.sha256), str(folder), str(folder.parent), str(tmp_path / "files")} <= synced


async def test_what_a_dead_writer_left_is_forgotten_and_nothing_else(files: Files, tmp_path: Path) -> None:
    async def stalls() -> AsyncIterator[bytes]:
        yield b"x" * 6 * MIB
        await asyncio.sleep(60)

    writer = asyncio.create_task(files.put_stream("sealed", stalls(), limit=10 * MIB))
    await asyncio.sleep(0.2)
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    stored = await files.put_stream("sealed", chunks(b"bid"), limit=10)
    assert await files.forget_unfinished(datetime.now(UTC) - timedelta(days=1)) == 0
    await files.forget_unfinished(datetime.now(UTC) + timedelta(days=1))
    assert left(tmp_path) == [stored.sha256]


async def test_the_same_holds_on_s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        _host, port = server.get_host_and_port()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}").create_bucket(Bucket="files")
        files = Files.connect("s3://files/marrow", tmp_path)
        stored = await files.put_stream("documents", chunks(b"x" * 6 * MIB, b"y"), limit=10 * MIB)
        assert await read(files, stored) == b"x" * 6 * MIB + b"y"
        assert not await files.has("documents", "0" * 64)
    finally:
        server.stop()
