"""Prices: what others publish of them, held against what the details say, as tables to bill by."""
