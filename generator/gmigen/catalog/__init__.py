"""The catalogue on disk: fetched, kept, read."""
