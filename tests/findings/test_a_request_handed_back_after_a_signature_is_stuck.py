"""A request that was handed back once a document of it was signed by both sides stood still for ever.

Nothing could be given, since documents were drafted from what was given; it could not be rejected or withdrawn, since one is sealed; nor
could it go on or back, since it was the customer's turn. What was given is given as it stands now, and the request goes on.
"""

from __future__ import annotations

import pytest

from ledger.errors import RuleError
from ledger.services.verbs import customers_verbs_of, verbs_of
from tests.ledger.services.conftest import CUSTOMER
from tests.ledger.services.test_newcomers import Counter, counter

__all__ = ["counter"]


def test_what_was_given_is_given_as_it_stands_and_the_request_goes_on(counter: Counter) -> None:
    request = counter.contracted()
    for one in request.documents:
        one.agreement.sealed_digest = one.agreement.id
    request.step = request.steps[-1].code = "hang-meter"
    counter.act(request, "hand-back", "2026-03-05T09:00", reason="chưa có người ở nhà")
    assert not {"reject", "withdraw", "go-back"} & set(verbs_of(request))
    with pytest.raises(RuleError, match="documents were drafted from what was given – give it as it stands and the request goes on"):
        counter.act(request, "give", "2026-03-05T10:00", CUSTOMER, given={"phone": "0987654321"})
    counter.act(request, "give", "2026-03-05T10:00", CUSTOMER, given={"phone": "0912 345 678"})
    assert (request.state, request.step, request.paused_s) == ("open", "hang-meter", None)
    assert "give" not in {*verbs_of(request), *customers_verbs_of(request)}, "nothing is offered that is refused"
    with pytest.raises(RuleError, match="its staff go back to the step that drafts them"):
        counter.act(request, "give", "2026-03-05T11:00", CUSTOMER, given={"phone": "0912345678"})
