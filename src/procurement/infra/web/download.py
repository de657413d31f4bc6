"""Files that are handed out: saved by the reader, never shown in this site's name."""

from urllib.parse import quote

from litestar.response import Stream

from procurement.infra.files import Files

SANDBOX = "sandbox; default-src 'none'"  # whatever a file holds, it runs nothing here (ASVS 5.4.1)


async def attachment(files: Files, sha256: str, name: str, media_type: str, size: int) -> Stream:
    """A public file to be saved under `name` (RFC 6266). Refused("file-unknown", 404)."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(size),
        "Content-Security-Policy": SANDBOX,
        "ETag": f'"{sha256}"',
    }
    return Stream(await files.open("documents", sha256), media_type=media_type, headers=headers)
