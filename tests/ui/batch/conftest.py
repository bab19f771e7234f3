"""A desk that answers a batch when it is let, and the jobs over it."""

from tests.support.batch_asker import asker, drop, jobs

__all__ = ["asker", "drop", "jobs"]
