"""HTTP: the one place that knows the HTTP library."""
