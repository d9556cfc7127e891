"""A bundle's file: a ZIP in one canonical form, so that one content is one sequence of bytes and nothing can hide between the members.

Members are stored (never compressed), sorted by name, dated 1980-01-01, without comments or extra fields. Any unzip program opens it. The
reader takes what the writer writes and nothing else: no member can be larger than the file, and reading is one pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from zlib import crc32

from ledger.protocol.errors import ProtocolError

SIZE_LIMIT = 40 * 1024 * 1024
"""The largest bundle, bytes: the largest agreement and ample room for its proofs."""
MAGIC = b"PK\x03\x04"
_LOCAL = Struct("<4s5H3L2H")
_CENTRAL = Struct("<4s6H3L5H2L")
_END = Struct("<4s4H2LH")
_VERSION, _UTF8, _TIME, _DATE = 20, 0x0800, 0, 0x21
_DIRECTORY = b"PK\x01\x02"
_SHOWN = 80
_FIX = "obtain the bundle again from where it was issued, or write it with this program"


def is_bundle(data: bytes) -> bool:
    """Whether a file looks like a bundle, whole or not."""
    return data.startswith(MAGIC)


def write_container(members: Mapping[str, bytes]) -> bytes:
    """The one file with these members.

    Raises:
        ProtocolError: they are more than `SIZE_LIMIT`.
    """
    body, directory = bytearray(), bytearray()
    for name in sorted(members):
        label, content = name.encode("ascii"), members[name]
        shape = (_UTF8, 0, _TIME, _DATE, crc32(content), len(content), len(content), len(label), 0)
        directory += _CENTRAL.pack(_DIRECTORY, _VERSION, _VERSION, *shape, 0, 0, 0, 0, len(body)) + label
        body += _LOCAL.pack(MAGIC, _VERSION, *shape) + label + content
    if len(body) + len(directory) > SIZE_LIMIT:
        raise ProtocolError(f"more than {SIZE_LIMIT} bytes", field="container", fix="a bundle holds one agreement, reading or trade")
    return bytes(body + directory + _END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(directory), len(body), 0))


def read_container(data: bytes, names: frozenset[str]) -> dict[str, bytes]:
    """The members of a file that `write_container` wrote.

    Args:
        names: every name a member may have.

    Raises:
        ProtocolError: it is not that form; `field` is the member whose bytes were changed, or `container`.
    """
    if len(data) > SIZE_LIMIT:
        raise _bad(f"{len(data)} bytes; a bundle has at most {SIZE_LIMIT}")
    members: dict[str, bytes] = {}
    place = 0
    while data.startswith(MAGIC, place):
        name, content, place = _member(data, place, names)
        if name in members:
            raise _bad(f"{name} is there twice")
        members[name] = content
    if not members:
        raise _bad("its first bytes are no bundle's")
    if not data.startswith(_DIRECTORY, place):
        raise _bad("what follows it was changed or cut off", name)
    whole = write_container(members)
    if whole != data:
        raise _bad(f"its directory of members was changed{_where(members, whole, data)}, or another program wrote it")
    return members


def _where(members: Mapping[str, bytes], whole: bytes, data: bytes) -> str:
    """At which member two files of the same members first differ, as far as their directories tell."""
    same = next((at for at, (one, other) in enumerate(zip(whole, data, strict=False)) if one != other), len(whole))
    before = 0
    for name in sorted(members):
        before += _LOCAL.size + len(name) + len(members[name])
        if same < before:
            return f" at {name}"
    for name in sorted(members):
        before += _CENTRAL.size + len(name)
        if same < before:
            return f" at {name}"
    return ""


def _member(data: bytes, place: int, names: frozenset[str]) -> tuple[str, bytes, int]:
    begin = place + _LOCAL.size
    if begin > len(data):
        raise _bad("the file is cut off")
    _, _, _, method, _, _, checksum, stored, size, length, extra = _LOCAL.unpack_from(data, place)
    name = data[begin : begin + length].decode("ascii", "replace")
    if name not in names:
        raise _bad(f"a member of a name it cannot have, “{name[:_SHOWN]}”")
    if method or extra or stored != size:
        raise _bad("it is compressed, has extra fields, or its header was changed", name)
    content = data[begin + length : begin + length + size]
    if len(content) != size:
        raise _bad("cut off, or its header was changed", name)
    if crc32(content) != checksum:
        raise _bad("its bytes are not those its checksum was made of", name)
    return name, content, begin + length + size


def _bad(problem: str, member: str = "container") -> ProtocolError:
    return ProtocolError(problem, field=member, fix=_FIX)
