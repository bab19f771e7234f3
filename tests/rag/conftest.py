"""The command line in this process."""

from tests.support.console import indexed, youju

__all__ = ["indexed", "youju"]
