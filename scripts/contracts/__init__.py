"""The demo's e-contracts: customers of the village sign supply contracts four ways, and what becomes of them afterwards."""
