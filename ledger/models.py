"""Every room's mapped classes, gathered so that the schema is complete: migrations import this."""

from __future__ import annotations

import ledger.access.model
import ledger.agreements.drafts
import ledger.agreements.model
import ledger.campaigns.model
import ledger.chain.model
import ledger.life.model
import ledger.market.model
import ledger.messages.model
import ledger.metering.model
import ledger.parties.model
import ledger.sealing.model
import ledger.services.model
import ledger.settlement.model
import ledger.signing.model
import ledger.transparency.model  # noqa: F401 - importing a model is what registers its tables
from ledger.db import Base

metadata = Base.metadata
