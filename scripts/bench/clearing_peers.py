"""Times other people's clearings of a stored book; runs in an environment of its own (requirements/bench.txt) and imports nothing of ours.

Usage: python clearing_peers.py BOOK.npz highs|huang – prints one JSON object: seconds, and what was found.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np
from pymarket.bids import BidManager
from pymarket.mechanisms import huang_auction
from scipy.optimize import linprog
from scipy.sparse import csr_matrix


def highs(sell: Any, price: Any, quantity: Any) -> dict[str, float]:
    """SciPy's HiGHS: the most welfare as a linear programme, one variable an order, one balance."""
    costs = np.where(sell, price, -price).astype(float)
    balance = csr_matrix(np.where(sell, 1.0, -1.0)[None, :])
    bounds = np.stack([np.zeros(len(price)), quantity.astype(float)], axis=1)
    begun = time.perf_counter()
    answer = linprog(costs, A_eq=balance, b_eq=[0.0], bounds=bounds, method="highs")
    return {"seconds": time.perf_counter() - begun, "welfare_mvnd": -answer.fun}


def huang(sell: Any, price: Any, quantity: Any) -> dict[str, float]:
    """pymarket's Huang auction over the bids it keeps in a data frame; building the frame is not timed."""
    bids = BidManager()
    for user, (selling, limit, wh) in enumerate(zip(sell.tolist(), price.tolist(), quantity.tolist(), strict=True)):
        bids.add_bid(float(wh), float(limit), user, not selling)
    frame = bids.get_df()
    begun = time.perf_counter()
    _, found = huang_auction(frame)
    return {"seconds": time.perf_counter() - begun, "traded_wh": float(found["quantity_traded"])}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    columns = np.load(sys.argv[1])
    peer = {"highs": highs, "huang": huang}[sys.argv[2]]
    print(json.dumps(peer(columns["sell"], columns["price"], columns["quantity"])))
