"""The page's own settings and limits: those of youju, and what only a page needs.

``PageConfig`` can be set like every setting (``YOUJU_MAX_UPLOAD_FILES``, ``config.toml``). The constants below it
cannot: fields of the page and the database behind it hold the same number, so that nothing that the page takes is
refused when it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rag.config import Config, Count, read_settings

__all__ = ["MAX_COMMENT_CHARS", "MAX_SEARCH_CHARS", "MAX_TITLE_CHARS", "PageConfig", "load_page_config"]

MAX_COMMENT_CHARS: Final = 1_000
"""Longest comment on an answer."""
MAX_TITLE_CHARS: Final = 80
"""Longest title that a user gives a conversation."""
MAX_SEARCH_CHARS: Final = 200
"""Longest search in past conversations."""


class PageConfig(Config):
    """All settings of a server.

    Attributes:
        max_upload_files: Files that the page takes at once.
        max_batch_questions: Questions of a set that the page takes.
    """

    max_upload_files: Count = 100
    max_batch_questions: Count = 5000


def load_page_config(env: Mapping[str, str] | None = None, **overrides: Any) -> PageConfig:  # noqa: ANN401
    """Read the settings of a server: see :func:`rag.config.load_config`.

    Raises:
        ConfigError: A name is unknown, a value does not fit, or the file is no TOML.
    """
    return read_settings(PageConfig, env, **overrides)
