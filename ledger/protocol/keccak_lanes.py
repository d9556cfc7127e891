"""keccak-256 of many messages of one length at once: sixteen hashes side by side, so that the processor's vector unit works on all of them.

Compiled by numba when first used and cached beside this file; importing this module costs more than a small tree, so `merkle` and `leaves`
load it only when it pays. The tests prove it equal to the plain path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit

P = ParamSpec("P")
R = TypeVar("R")
Words: TypeAlias = "np.ndarray[Any, np.dtype[np.uint64]]"

WIDTH = 16
"""Hashes in one batch; word k of hash w stands at k × WIDTH + w, so that neighbours in memory belong to neighbouring hashes."""
RATE = 17
"""Words of 8 bytes absorbed before each permutation (1088 bits)."""
LAST_BIT = np.uint64(1 << 63)
ROUND_CONSTANTS = np.array(
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ],
    dtype=np.uint64,
)  # fmt: skip


def _compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles an entry point and keeps the result on disk."""
    return cast("Callable[P, R]", njit(cache=True, nogil=True)(function))


def _part(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles a part of an entry point, into it."""
    return cast("Callable[P, R]", njit(function))


def hash_rows(messages: Words) -> Words:
    """keccak-256 of every row; (n, k) words of 8 bytes as they lie in memory give (n, 4)."""
    hashes = np.empty((len(messages), 4), dtype=np.uint64)
    _hash_rows(messages, hashes)
    return hashes


def tree_nodes(leaves: bytes) -> Words:
    """All 2n−1 nodes of the tree over concatenated leaf hashes, given in any order; the root first, the leaves sorted from the end."""
    words = np.frombuffer(leaves, dtype=np.uint64).reshape(-1, 4)
    nodes = np.empty((2 * len(words) - 1, 4), dtype=np.uint64)
    nodes[len(words) - 1 :] = words[_order(words)[::-1]]
    _fill(nodes, len(words) - 1)
    return nodes


def _order(words: Words) -> Any:
    """The order that sorts hashes as bytes: by their first eight, by all of them where two begin alike."""
    keys = words[:, 0].byteswap()
    order = np.argsort(keys)
    ranked = keys[order]
    if np.any(ranked[1:] == ranked[:-1]):
        return np.lexsort([words[:, k].byteswap() for k in (3, 2, 1, 0)])
    return order


@_compiled
def _fill(nodes: Words, above: int) -> None:
    """Fills the inner nodes, `above` of them, from the last to the first; the children of each half are all known before it."""
    state, spare = np.zeros(25 * WIDTH, dtype=np.uint64), np.empty(25 * WIDTH, dtype=np.uint64)
    while above > 0:
        first = above // 2
        for place in range(first, above, WIDTH):
            width = min(WIDTH, above - place)
            state[:] = 0
            for w in range(width):
                _place_pair(nodes, 2 * (place + w) + 1, state, w)
            state[8 * WIDTH : 9 * WIDTH] = 1
            state[16 * WIDTH : 17 * WIDTH] = LAST_BIT
            _permute(state, spare)
            for w in range(width):
                for k in range(4):
                    nodes[place + w, k] = state[k * WIDTH + w]
        above = first


@_part
def _place_pair(nodes: Words, left: int, state: Words, w: int) -> None:
    """Puts two neighbouring nodes into column w of the state, the lesser first."""
    right = left + 1
    for k in range(4):
        a, b = _swapped(nodes[left, k]), _swapped(nodes[right, k])
        if a != b:
            if a > b:
                left, right = right, left
            break
    for k in range(4):
        state[k * WIDTH + w] = nodes[left, k]
        state[(k + 4) * WIDTH + w] = nodes[right, k]


@_part
def _swapped(word: np.uint64) -> np.uint64:
    """A word whose bytes compare as numbers do."""
    word = (word & np.uint64(0x00FF00FF00FF00FF)) << np.uint64(8) | (word >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    word = (word & np.uint64(0x0000FFFF0000FFFF)) << np.uint64(16) | (word >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    return word << np.uint64(32) | word >> np.uint64(32)


@_compiled
def _hash_rows(messages: Words, hashes: Words) -> None:
    count, length = messages.shape
    state, spare = np.empty(25 * WIDTH, dtype=np.uint64), np.empty(25 * WIDTH, dtype=np.uint64)
    for place in range(0, count, WIDTH):
        width = min(WIDTH, count - place)
        state[:] = 0
        for block in range(0, length + 1, RATE):
            for k in range(min(RATE, length - block)):
                for w in range(width):
                    state[k * WIDTH + w] ^= messages[place + w, block + k]
            if length - block < RATE:
                end = (length - block) * WIDTH
                for w in range(WIDTH):
                    state[end + w] ^= np.uint64(1)
                    state[16 * WIDTH + w] ^= LAST_BIT
            _permute(state, spare)
        for w in range(width):
            for k in range(4):
                hashes[place + w, k] = state[k * WIDTH + w]


@_part
def _permute(state: Words, spare: Words) -> None:
    for r in range(0, 24, 2):
        _round(state, spare, ROUND_CONSTANTS[r])
        _round(spare, state, ROUND_CONSTANTS[r + 1])


@_part
def _round(s: Words, t: Words, constant: np.uint64) -> None:
    """One round of keccak-f[1600] (FIPS 202, 3.2) on every column, from s into t."""
    for w in range(WIDTH):
        c0 = s[w] ^ s[5 * WIDTH + w] ^ s[10 * WIDTH + w] ^ s[15 * WIDTH + w] ^ s[20 * WIDTH + w]
        c1 = s[1 * WIDTH + w] ^ s[6 * WIDTH + w] ^ s[11 * WIDTH + w] ^ s[16 * WIDTH + w] ^ s[21 * WIDTH + w]
        c2 = s[2 * WIDTH + w] ^ s[7 * WIDTH + w] ^ s[12 * WIDTH + w] ^ s[17 * WIDTH + w] ^ s[22 * WIDTH + w]
        c3 = s[3 * WIDTH + w] ^ s[8 * WIDTH + w] ^ s[13 * WIDTH + w] ^ s[18 * WIDTH + w] ^ s[23 * WIDTH + w]
        c4 = s[4 * WIDTH + w] ^ s[9 * WIDTH + w] ^ s[14 * WIDTH + w] ^ s[19 * WIDTH + w] ^ s[24 * WIDTH + w]
        d0, d1, d2, d3, d4 = c4 ^ _left(c1, 1), c0 ^ _left(c2, 1), c1 ^ _left(c3, 1), c2 ^ _left(c4, 1), c3 ^ _left(c0, 1)
        b0 = s[w] ^ d0
        b1, b2 = _left(s[6 * WIDTH + w] ^ d1, 44), _left(s[12 * WIDTH + w] ^ d2, 43)
        b3, b4 = _left(s[18 * WIDTH + w] ^ d3, 21), _left(s[24 * WIDTH + w] ^ d4, 14)
        _row(t, 0, w, (b0, b1, b2, b3, b4))
        b0 = _left(s[3 * WIDTH + w] ^ d3, 28)
        b1, b2 = _left(s[9 * WIDTH + w] ^ d4, 20), _left(s[10 * WIDTH + w] ^ d0, 3)
        b3, b4 = _left(s[16 * WIDTH + w] ^ d1, 45), _left(s[22 * WIDTH + w] ^ d2, 61)
        _row(t, 5, w, (b0, b1, b2, b3, b4))
        b0 = _left(s[1 * WIDTH + w] ^ d1, 1)
        b1, b2 = _left(s[7 * WIDTH + w] ^ d2, 6), _left(s[13 * WIDTH + w] ^ d3, 25)
        b3, b4 = _left(s[19 * WIDTH + w] ^ d4, 8), _left(s[20 * WIDTH + w] ^ d0, 18)
        _row(t, 10, w, (b0, b1, b2, b3, b4))
        b0 = _left(s[4 * WIDTH + w] ^ d4, 27)
        b1, b2 = _left(s[5 * WIDTH + w] ^ d0, 36), _left(s[11 * WIDTH + w] ^ d1, 10)
        b3, b4 = _left(s[17 * WIDTH + w] ^ d2, 15), _left(s[23 * WIDTH + w] ^ d3, 56)
        _row(t, 15, w, (b0, b1, b2, b3, b4))
        b0 = _left(s[2 * WIDTH + w] ^ d2, 62)
        b1, b2 = _left(s[8 * WIDTH + w] ^ d3, 55), _left(s[14 * WIDTH + w] ^ d4, 39)
        b3, b4 = _left(s[15 * WIDTH + w] ^ d0, 41), _left(s[21 * WIDTH + w] ^ d1, 2)
        _row(t, 20, w, (b0, b1, b2, b3, b4))
        t[w] ^= constant


@_part
def _row(t: Words, row: int, w: int, lanes: tuple[np.uint64, ...]) -> None:
    """The step chi on one row."""
    b0, b1, b2, b3, b4 = lanes
    t[row * WIDTH + w] = b0 ^ (~b1 & b2)
    t[(row + 1) * WIDTH + w] = b1 ^ (~b2 & b3)
    t[(row + 2) * WIDTH + w] = b2 ^ (~b3 & b4)
    t[(row + 3) * WIDTH + w] = b3 ^ (~b4 & b0)
    t[(row + 4) * WIDTH + w] = b4 ^ (~b0 & b1)


@_part
def _left(word: np.uint64, bits: int) -> np.uint64:
    """A word turned left."""
    return word << np.uint64(bits) | word >> np.uint64(64 - bits)
