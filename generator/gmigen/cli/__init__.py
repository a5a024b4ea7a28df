"""The `gmigen` command."""
