from __future__ import annotations

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Dictionary, Name, String

from ledger.sealing.errors import IntakeError
from ledger.sealing.intake import check_upload
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.uploads import HOSTILE, annotation, plain


@pytest.mark.parametrize("name", HOSTILE)
def test_a_pdf_that_may_not_be_what_it_seems_is_refused_with_the_reason(name: str) -> None:
    pdf, reason = HOSTILE[name]
    with pytest.raises(IntakeError, match=reason) as refused:
        check_upload(pdf)
    assert refused.value.field == "pdf"
    assert refused.value.fix


@pytest.mark.parametrize(
    "pdf",
    [
        plain(),
        plain(object_stream_mode=pikepdf.ObjectStreamMode.generate),
        plain(linearize=True),
        plain(linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        plain(annotation(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://sonang.example")))),
        sample().base,
        plain().replace(b"0000000000 65535 f", b"0000000000 65536 f", 1),
    ],
    ids=[
        "plain",
        "object streams",
        "for the web",
        "for the web with object streams",
        "a link",
        "a document of ours",
        "a free list as Pillow has it",
    ],
)
def test_an_ordinary_pdf_is_taken(pdf: bytes) -> None:
    check_upload(pdf)


def test_a_sealed_agreement_is_no_upload_because_it_was_appended_to() -> None:
    with pytest.raises(IntakeError, match="revisions"):
        check_upload(sample().pdf)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(at=st.integers(0, 800), to=st.binary(min_size=0, max_size=6))
def test_damage_anywhere_is_taken_or_refused_but_never_an_error_of_ours(at: int, to: bytes) -> None:
    pdf = plain()
    try:
        check_upload(pdf[:at] + to + pdf[at + len(to) :])
    except IntakeError as refused:
        assert refused.fix  # noqa: PT017 - both answers are right, no other is
