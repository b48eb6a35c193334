"""The files of the package: cacheable by the edge and by browsers, and cheap to ask again for.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from .exchange import Request, Response
from .problems import NotFound

FOLDER = Path(__file__).with_name("static")
INDEX = "index.html"
CACHE_CONTROL = "public, max-age=3600, stale-while-revalidate=60, stale-if-error=86400"
"""An hour, as names stay when contents change; a day more where the origin is out."""


_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Not by mimetypes, which asks files of the system: the same everywhere."""


class StaticFiles:
    """All files, read once: there are few, and they are small."""

    def __init__(self) -> None:
        self._files: Mapping[str, Response] = {path.name: _read(path) for path in FOLDER.iterdir()}

    async def read_file(self, request: Request, name: str) -> Response:
        """The file; 304 to who has it already. Raises NotFound."""
        file = self._files.get(name)
        if file is None:
            raise NotFound("there is no such file")
        if _is_known(request.header(b"if-none-match"), dict(file.headers)[b"etag"]):
            return file._replace(status=304, body=b"")
        return file


def _read(path: Path) -> Response:
    body = path.read_bytes()
    headers = {
        "cache-control": CACHE_CONTROL,
        "content-type": _TYPES[path.suffix],
        "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "x-content-type-options": "nosniff",
    }
    encoded = tuple((name.encode(), value.encode()) for name, value in headers.items())
    return Response(200, body, encoded)


def _is_known(if_none_match: bytes, etag: bytes) -> bool:
    """Weak comparison: https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match"""
    known = {tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")}
    return b"*" in known or etag in known
