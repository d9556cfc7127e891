"""EIP-712: how a class becomes a type string, a struct hash and a digest.

Values are checked when they are hashed, so a digest never exists for a value that does not fit its Solidity type. A struct whose values
have exactly the expected types is packed in one call, tens of times quicker than a general typed-data library; any other value goes field
by field through the encoders, which accept what is harmless (an IntEnum) and name what is wrong. The tests prove both equal to eth-account
and viem.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import check_bytes, check_bytes32, check_uint, hex0x

Bytes32 = Annotated[bytes, "bytes32"]
Bytes = Annotated[bytes, "bytes"]
Uint8 = Annotated[int, "uint8"]
Uint32 = Annotated[int, "uint32"]
Uint64 = Annotated[int, "uint64"]
Uint256 = Annotated[int, "uint256"]
Bytes32List = Annotated[tuple[bytes, ...], "bytes32[]"]
Uint64List = Annotated[tuple[int, ...], "uint64[]"]

NAME, VERSION = "SoNang", "1"
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
DOMAIN_FIELDS = (("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"))
_DOMAIN_HEAD = keccak(DOMAIN_TYPE.encode()) + keccak(NAME.encode()) + keccak(VERSION.encode())

STATIC = {"bytes32": "32s", "uint8": "31xB", "uint32": "28xI", "uint64": "24xQ"}
"""How `struct` packs the types that are their own encoding; all others are encoded first."""

Encoder = Callable[[Any, str], bytes]


class TypedStruct:
    """Base of every struct with a type string; fields are annotated with the Solidity types above, or a tuple of another struct."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a signature counts: one chain, one contract (20 bytes)."""

    chain_id: int
    verifying_contract: bytes


@dataclass(frozen=True, slots=True)
class Schema:
    """What is known of a struct class: its Solidity members and how each value becomes one 32-byte word."""

    name: str
    members: tuple[tuple[str, str], ...]
    attributes: tuple[str, ...]
    nested: tuple[type[TypedStruct], ...]
    type_hash: bytes
    values: Callable[[object], tuple[Any, ...]]
    encoders: tuple[Encoder, ...]
    hashed: tuple[tuple[int, str, Encoder], ...]
    classes: list[type]
    words: tuple[int, ...]
    pack: Callable[..., bytes]


def type_string(cls: type[TypedStruct]) -> str:
    """The full EIP-712 type of a struct, with the structs it refers to appended in order of name."""
    schema = schema_of(cls)
    own = _signature(schema.name, schema.members)
    return own + "".join(_signature(part.name, part.members) for part in sorted(map(schema_of, schema.nested), key=lambda part: part.name))


def hash_struct(value: TypedStruct) -> bytes:
    """EIP-712 hashStruct: keccak256(typeHash ‖ encodeData).

    Raises:
        ProtocolError: a field holds another type or a value out of range, or it is no struct of the protocol.
    """
    schema = _SCHEMAS.get(value.__class__) or schema_of(value.__class__)
    values = [*schema.values(value)]
    for place, name, encode in schema.hashed:
        values[place] = encode(values[place], name)
    if [field.__class__ for field in values] == schema.classes:
        for place in schema.words:
            if len(values[place]) != 32:
                break
        else:
            try:
                return keccak(schema.pack(schema.type_hash, *values))
            except struct.error:
                pass
    words = [encode(field, name) for encode, field, name in zip(schema.encoders, schema.values(value), schema.attributes, strict=True)]
    return keccak(schema.type_hash + b"".join(words))


def digest(domain: Domain, value: TypedStruct) -> bytes:
    """The 32 bytes that are signed: keccak256(0x1901 ‖ domainSeparator ‖ hashStruct).

    Raises:
        ProtocolError: as `hash_struct`, or the domain is malformed.
    """
    return keccak(b"\x19\x01" + domain_separator(domain) + hash_struct(value))


def domain_separator(domain: Domain) -> bytes:
    """hashStruct of the domain `SoNang`, version `1`, at that chain and contract.

    Raises:
        ProtocolError: the chain id is no uint256 or the contract is not 20 bytes.
    """
    if not isinstance(domain, Domain):
        raise ProtocolError("not an EIP-712 domain", field="domain", fix="give Domain(chain_id, verifying_contract)")
    check_uint(domain.chain_id, 256, "chain_id")
    return _separator(domain.chain_id, check_bytes(domain.verifying_contract, "verifying_contract", 20))


@lru_cache(maxsize=256)
def _separator(chain_id: int, contract: bytes) -> bytes:
    return keccak(_DOMAIN_HEAD + chain_id.to_bytes(32, "big") + bytes(12) + contract)


def as_eip712(domain: Domain, value: TypedStruct) -> dict[str, Any]:
    """The whole typed message as wallets take it (`eth_signTypedData_v4`); integers are decimal text, since JSON numbers stop at 2^53.

    Raises:
        ProtocolError: as `digest`.
    """
    digest(domain, value)
    schema = schema_of(value.__class__)
    types = {part.name: _members(part.members) for part in (schema, *map(schema_of, schema.nested))}
    return {
        "types": {"EIP712Domain": _members(DOMAIN_FIELDS), **types},
        "primaryType": schema.name,
        "domain": {
            "name": NAME,
            "version": VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": hex0x(domain.verifying_contract),
        },
        "message": _message(value),
    }


_SCHEMAS: dict[type, Schema] = {}


def schema_of(cls: type) -> Schema:
    """The schema of a struct class, built when it is first asked for.

    Raises:
        ProtocolError: not a struct of the protocol.
    """
    return _SCHEMAS.get(cls) or _SCHEMAS.setdefault(cls, _build_schema(cls))


def _build_schema(cls: type) -> Schema:
    if not issubclass(cls, TypedStruct) or cls is TypedStruct:
        raise ProtocolError(f"{cls.__name__} is no typed struct", field="value", fix="give one of the structs in docs/protocol.md")
    hints = get_type_hints(cls, include_extras=True)
    attributes = tuple(hints)
    kinds = [_kind(hints[name]) for name in attributes]
    nested = tuple(dict.fromkeys(kind for kind in kinds if not isinstance(kind, str)))
    members = tuple(
        (_camel(name), kind if isinstance(kind, str) else f"{kind.__name__}[]") for name, kind in zip(attributes, kinds, strict=True)
    )
    full = _signature(cls.__name__, members) + "".join(
        _signature(part.__name__, schema_of(part).members) for part in sorted(nested, key=lambda part: part.__name__)
    )
    encoders = tuple(_encoder(kind) for kind in kinds)
    packing = [STATIC.get(kind, "32s") if isinstance(kind, str) else "32s" for kind in kinds]
    return Schema(
        name=cls.__name__,
        members=members,
        attributes=attributes,
        nested=nested,
        type_hash=keccak(full.encode()),
        values=attrgetter(*attributes),
        encoders=encoders,
        hashed=tuple((place, attributes[place], encoders[place]) for place, kind in enumerate(kinds) if kind not in STATIC),
        classes=[bytes if code == "32s" else int for code in packing],
        words=tuple(place for place, kind in enumerate(kinds) if kind == "bytes32"),
        pack=struct.Struct(">32s" + "".join(packing)).pack,
    )


def _kind(hint: Any) -> str | type[TypedStruct]:
    """The Solidity type behind an annotation, or the struct class of a list of structs."""
    if get_origin(hint) is tuple:
        cls: type[TypedStruct] = get_args(hint)[0]
        return cls
    kind: str = get_args(hint)[1]
    return kind


def _encoder(kind: str | type[TypedStruct]) -> Encoder:
    if not isinstance(kind, str):
        return _struct_list(kind)
    if kind.endswith("[]"):
        return _list(_encoder(kind[:-2]), STATIC[kind[:-2]])
    if kind == "bytes32":
        return check_bytes32
    if kind == "bytes":
        return lambda value, field: keccak(check_bytes(value, field))
    return _uint(int(kind.removeprefix("uint")))


def _uint(bits: int) -> Encoder:
    limit = (1 << bits) - 1

    def encode(value: Any, field: str) -> bytes:
        if value.__class__ is int and 0 <= value <= limit:
            word: bytes = value.to_bytes(32, "big")
            return word
        return check_uint(value, bits, field).to_bytes(32, "big")

    return encode


def _list(encode: Encoder, code: str) -> Encoder:
    def encode_list(value: Any, field: str) -> bytes:
        entries = check_list(value, field)
        if set(map(type, entries)) == {int}:
            try:
                return keccak(struct.pack(">" + code * len(entries), *entries))
            except struct.error:
                pass
        return keccak(b"".join([encode(entry, field) for entry in entries]))

    return encode_list


def _struct_list(cls: type[TypedStruct]) -> Encoder:
    def encode_list(value: Any, field: str) -> bytes:
        for entry in check_list(value, field):
            if entry.__class__ is not cls:
                raise ProtocolError(f"an entry is no {cls.__name__}", field=field, fix=f"give a tuple of {cls.__name__}")
        return keccak(b"".join([hash_struct(entry) for entry in value]))

    return encode_list


def check_list(value: object, field: str) -> tuple[Any, ...] | list[Any]:
    """The value, when it is a tuple or a list.

    Raises:
        ProtocolError: another type.
    """
    if not isinstance(value, tuple | list):
        raise ProtocolError(f"not a list: a {type(value).__name__}", field=field, fix="give a tuple")
    return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _signature(name: str, members: tuple[tuple[str, str], ...]) -> str:
    return f"{name}({','.join(f'{kind} {member}' for member, kind in members)})"


def _members(members: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": member, "type": kind} for member, kind in members]


def _message(value: TypedStruct) -> dict[str, Any]:
    schema = schema_of(value.__class__)
    return {member: _plain(field) for (member, _), field in zip(schema.members, schema.values(value), strict=True)}


def _plain(field: Any) -> Any:
    if isinstance(field, TypedStruct):
        return _message(field)
    if isinstance(field, tuple | list):
        return [_plain(entry) for entry in field]
    return hex0x(field) if isinstance(field, bytes) else str(int(field))
