"""What is kept of a batch, beside what DBOS keeps of its own."""

from __future__ import annotations

import sqlalchemy as sa

FORMAT = 1
"""Of these tables and of the steps; a batch of another one is not touched."""

METADATA = sa.MetaData()

BATCH = sa.Table(
    "gmi_batch",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("format", sa.Integer, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("begun", sa.Float, nullable=False),
    sa.Column("budget", sa.BigInteger),
    sa.Column("spent", sa.BigInteger, nullable=False, default=0),
    sa.Column("concurrency", sa.Integer, nullable=False),
    sa.Column("whole", sa.Boolean, nullable=False, default=False),
    sa.Column("halted", sa.Text),
)
"""One row. Money is in millionths of a US dollar; `whole` once the file was read to its end."""

REQUEST = sa.Table(
    "gmi_request",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("more_lines", sa.JSON),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("payload_sha256", sa.Text, nullable=False),
    sa.Column("unchecked", sa.Boolean, nullable=False),
    sa.Column("priority", sa.Integer),
    sa.Column("low", sa.BigInteger),
    sa.Column("high", sa.BigInteger),
    sa.Column("counted", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("round", sa.Integer, nullable=False, default=1),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("again", sa.Integer, nullable=False, default=0),
    sa.Column("job", sa.Text),
    sa.Column("told", sa.Text),
    sa.Column("files", sa.JSON),
    sa.Column("worker", sa.Text),
    sa.Column("changed", sa.Float),
    sa.Index("gmi_request_by_line", "line", "key"),
)
"""`counted` is what it takes of the budget, `round` the workflow that has it, `again` how often a
person said to pay anew for what may have been paid.
"""

ENTRY = sa.Table(
    "gmi_journal",
    METADATA,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, index=True),
    sa.Column("entry", sa.JSON, nullable=False),
)
"""The journal of the client: ids and hashes, no payload and no API key."""

WORKER = sa.Table(
    "gmi_worker",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("process", sa.Integer, nullable=False),
    sa.Column("begun", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
)
"""Who worked on it. That one lives is told by a lock that goes with its process, not by this."""
