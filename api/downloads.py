"""Files to keep: documents and evidence bundles."""

from __future__ import annotations

from typing import Any

from fastapi import Response

__all__ = ["BUNDLE", "EVIDENCE", "PDF", "TLOG_PROOF", "ZIP", "attachment"]


def _described(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string", "contentMediaType": media_type, "contentEncoding": "binary"}}}
    return {200: {"description": description, "content": content}}


PDF = _described("application/pdf", "The document.")
ZIP = _described("application/zip", "The documents.")
BUNDLE = _described("application/zip", "The bundle: `sonang verify FILE --bundle --trust-block HASH` checks it offline.")
EVIDENCE = _described("application/zip", "The package: `sonang verify FILE` checks it, and so do the programs its README.md names.")
TLOG_PROOF = _described("application/octet-stream", "The proof, as C2SP tlog-proof@v1.")


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """A file the browser keeps under a name."""
    return Response(content, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
