"""From model ids and wire names to Python names, and the ledger that keeps them."""
