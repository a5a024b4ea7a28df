"""The whole job, offline: fetch, generate, import, submit, poll, download."""
