"""Finished files against the disk."""
