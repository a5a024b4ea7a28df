"""Models in, finished files out, all in memory."""
