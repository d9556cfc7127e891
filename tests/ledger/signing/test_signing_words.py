"""What `sonang signing` shows has a word in both languages for all that the room writes down."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from ledger import signing
from ledger.cli.messages import STATES_SHOWN
from ledger.cli.service_tables import SORTS
from ledger.cli.signing_words import ACTS, OUTCOMES, ROLES, STATES, WAYS, both
from ledger.messages.model import STATES as MESSAGE_STATES
from ledger.parties.model import ROLES as PARTY_ROLES
from ledger.services.catalogue import SORTS as FIELD_SORTS
from ledger.signing.model import WAYS as SIGNED_BY
from ledger.signing.queries import State

TRIED = re.compile(r'(?:trying\(|note\(session, |act=|^ACT = )"([a-z-]+)"', re.MULTILINE)


def test_every_state_act_and_way_is_said_in_both_languages_and_no_word_is_left_over() -> None:
    written = {act for file in Path(signing.__file__).parent.glob("*.py") for act in TRIED.findall(file.read_text("utf-8"))}
    assert written == ACTS.keys()
    assert set(get_args(State)) | {"waiting", "issued"} == STATES.keys(), "and how the issued file stands"
    assert set(SIGNED_BY) <= WAYS.keys()
    assert set(PARTY_ROLES) == ROLES.keys()
    assert (both(OUTCOMES, "done"), both(WAYS, "sms"), both(WAYS, None)) == ("xong · done", "SMS", "–")


def test_messages_states_and_the_sorts_of_fields_have_them_too() -> None:
    assert set(MESSAGE_STATES) == STATES_SHOWN.keys()
    assert set(FIELD_SORTS) == SORTS.keys()
