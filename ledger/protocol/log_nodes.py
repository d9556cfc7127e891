"""Which inner nodes of an RFC 6962 log a root or a proof is made of, so that none needs the whole log.

A node is `(level, index)`: the root of the complete subtree over leaves `index · 2^level` to before `(index + 1) · 2^level`; level 0 is the
leaves. Once complete it never changes. A hash of a proof is a span of leaves, and a span is a few nodes, left to right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ledger.protocol.errors import ProtocolError
from ledger.protocol.log import EMPTY_ROOT, node_hash, split_of
from ledger.protocol.quantities import check_uint

Node = tuple[int, int]
Span = tuple[int, int]


def nodes_of(span: Span) -> tuple[Node, ...]:
    """The complete subtrees that cover leaves `span[0]` to before `span[1]`, left to right, largest first.

    The start of a span is a multiple of the largest power of two within it, as the spans below are.
    """
    at, end = span
    found = []
    while at < end:
        level = (end - at).bit_length() - 1
        found.append((level, at >> level))
        at += 1 << level
    return tuple(found)


def inclusion_spans(index: int, size: int) -> tuple[Span, ...]:
    """The span behind every hash of the proof that the leaf at `index` is in the log of `size`, in the proof's order.

    Raises:
        ProtocolError: the index is not below the size.
    """
    if check_uint(index, 63, "index") >= check_uint(size, 63, "size"):
        raise ProtocolError(f"index {index} in a log of {size}", field="index", fix="give an index below the log's size")
    spans = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return tuple(reversed(spans))


def consistency_spans(old: int, new: int) -> tuple[Span, ...]:
    """The span behind every hash of the proof that the log of `new` only appended to that of `old`, in the proof's order.

    Raises:
        ProtocolError: the sizes are not 0 < old ≤ new.
    """
    if not 0 < check_uint(old, 63, "old_size") <= check_uint(new, 63, "new_size"):
        raise ProtocolError(f"old size {old} of a log of {new}", field="old_size", fix="give a size from 1 to the log's")
    spans = []
    start, end = 0, new
    while end != old:
        middle = start + split_of(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return tuple(reversed(spans))


def fold(span: Span, known: Mapping[Node, bytes]) -> bytes:
    """The root over the leaves of a span from its nodes' hashes; of an empty span, the root of an empty log."""
    hashes = [known[node] for node in nodes_of(span)]
    if not hashes:
        return EMPTY_ROOT
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


def completed(size: int, frontier: Sequence[bytes], leaves: Iterable[bytes]) -> Iterator[tuple[Node, bytes]]:
    """Every node above the leaves that becomes complete when leaf hashes are appended.

    Args:
        frontier: hashes of `nodes_of((0, size))`, in that order.
    """
    whole = list(frontier)
    for index, leaf in enumerate(leaves, size):
        node, place, level = leaf, index, 0
        while place & 1:
            node, place, level = node_hash(whole.pop(), node), place >> 1, level + 1
            yield (level, place), node
        whole.append(node)
