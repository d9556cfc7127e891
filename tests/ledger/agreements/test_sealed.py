"""The sealed file: what was signed stays a prefix, every byte is bound, and hostile files end in our own error."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from hashlib import sha256

import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.agreements.incremental import MARKER, attach
from ledger.agreements.sealed import FILE_NAME, content_of, read_sealed, seal
from ledger.protocol.errors import ProtocolError
from ledger.protocol.merkle import MerkleTree, verify_proof
from ledger.protocol.signers import Verifiers
from tests.ledger.agreements.samples import sample

VERIFIERS = Verifiers(b"\x21" * 20, b"\x22" * 20)


def test_what_was_signed_is_the_beginning_of_what_was_sealed() -> None:
    found = read_sealed(sample().pdf)
    assert content_of(sample().pdf) == found.content
    assert sample().pdf.startswith(sample().base)
    assert found.base == sample().base
    assert sha256(sample().pdf[: found.content.agreement.base_length]).digest() == found.content.agreement.base_digest
    assert found.digest == sha256(sample().pdf).digest()


def test_the_seal_says_exactly_what_was_put_in() -> None:
    found = read_sealed(sample().pdf)
    assert found.content == sample().content
    found.content.check_signatures(VERIFIERS)
    assert {leaf.path: json.loads(leaf.value) for leaf in found.content.terms} == sample().terms


def test_other_peoples_pdf_programs_open_it_without_a_complaint(caplog: pytest.LogCaptureFixture) -> None:
    with pikepdf.open(io.BytesIO(sample().pdf)) as pdf:
        assert pdf.check_pdf_syntax() == []
        attached = pdf.attachments[FILE_NAME].get_file().read_bytes()
    reader = pypdf.PdfReader(io.BytesIO(sample().pdf), strict=True)
    assert reader.attachments == {FILE_NAME: [attached]}
    assert len(reader.pages) == len(pypdf.PdfReader(io.BytesIO(sample().base)).pages)
    assert reader.pages[0].extract_text() == pypdf.PdfReader(io.BytesIO(sample().base)).pages[0].extract_text()
    assert caplog.records == []


def test_one_term_is_shown_without_the_others() -> None:
    content = read_sealed(sample().pdf).content
    price = next(leaf for leaf in content.terms if leaf.path == "price.vnd_per_kwh")
    proof = MerkleTree(leaf.leaf_hash() for leaf in content.terms).proof(price.leaf_hash())
    assert price.value == "671"
    assert verify_proof(content.agreement.terms_root, price.leaf_hash(), proof)
    assert not verify_proof(content.agreement.terms_root, replace(price, value="672").leaf_hash(), proof)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_one_flipped_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    at = data.draw(st.one_of(st.integers(0, len(sample().pdf) - 1), st.integers(len(sample().base), len(sample().pdf) - 1)))
    altered = bytearray(sample().pdf)
    altered[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ProtocolError) as refused:
        read_sealed(bytes(altered))
    if at < len(sample().base) and at > 5:
        assert refused.value.field == "base"


@given(st.integers(0, len(sample().pdf) - 1))
@settings(max_examples=60, deadline=None)
def test_a_file_cut_short_is_refused(length: int) -> None:
    with pytest.raises(ProtocolError):
        read_sealed(sample().pdf[:length])


@given(st.binary(max_size=400), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_bytes_end_in_our_own_error(noise: bytes, marked: bool) -> None:
    with pytest.raises(ProtocolError):
        read_sealed(b"%PDF-1.7\n" + (MARKER if marked else b"") + noise)


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(("agreement", "chain_id", "contract", "format", "signatures", "terms", "extra", "agreement.parties", "terms.0")), _json
)
@settings(max_examples=200, deadline=None)
def test_a_seal_with_any_other_entry_ends_in_our_own_error(place: str, value: object) -> None:
    content = json.loads(pypdf.PdfReader(io.BytesIO(sample().pdf)).attachments[FILE_NAME][0])
    outer, _, inner = place.partition(".")
    if inner == "parties":
        content["agreement"]["parties"] = value
    elif inner:
        content["terms"][0] = value
    else:
        content[outer] = value
    forged = attach(sample().base, FILE_NAME, json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    with pytest.raises(ProtocolError):
        read_sealed(forged).content.check_signatures(VERIFIERS)


def test_bytes_after_the_seal_are_refused() -> None:
    for extra in (b"\n", b"%%EOF\n", sample().pdf[len(sample().base) :]):
        with pytest.raises(ProtocolError):
            read_sealed(sample().pdf + extra)


def test_a_page_replaced_by_a_later_update_is_noticed() -> None:
    writer = pypdf.PdfWriter(io.BytesIO(sample().pdf), incremental=True)
    writer.pages[0].rotate(90)
    shadow = io.BytesIO()
    writer.write(shadow)
    assert shadow.getvalue().startswith(sample().base)
    with pytest.raises(ProtocolError):
        read_sealed(shadow.getvalue())


def test_signatures_of_somebody_else_do_not_hold() -> None:
    swapped = replace(sample().content, signers=sample().content.signers[::-1])
    with pytest.raises(ProtocolError) as refused:
        read_sealed(seal(sample().base, swapped)).content.check_signatures(VERIFIERS)
    assert refused.value.field == "signatures[0]"


def test_a_draft_without_signatures_says_so() -> None:
    with pytest.raises(ProtocolError, match="carries no signatures"):
        read_sealed(sample().base)


def test_terms_or_a_base_of_another_agreement_cannot_be_sealed_in() -> None:
    with pytest.raises(ProtocolError) as refused:
        seal(sample().base, replace(sample().content, terms=sample().content.terms[1:]))
    assert refused.value.field == "terms"
    with pytest.raises(ProtocolError) as refused:
        seal(sample().base + b" ", sample().content)
    assert refused.value.field == "base"


def test_a_pdf_of_another_make_is_not_guessed_at() -> None:
    blank = io.BytesIO()
    pikepdf.new().save(blank)
    with pytest.raises(ProtocolError, match="not a document this system rendered"):
        attach(blank.getvalue(), FILE_NAME, b"{}")
    with pytest.raises(ProtocolError, match=r"attachments already|no plain trailer"):
        attach(sample().pdf, FILE_NAME, b"{}")
