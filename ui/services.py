"""What the pages are built upon, made once and shared by both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

    from rag.pipeline import Pipeline
    from rag.schema.search import Hidden
    from ui.batch.jobs import BatchJobs
    from ui.conversations.conversation import Conversations
    from ui.documents.library import Library
    from ui.scheduling.desk import Desk

__all__ = ["Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything behind the pages.

    Attributes:
        pipeline: What answers.
        desk: The line of questions before it.
        conversations: What was said, and is kept.
        library: The documents, and who may see which.
        batches: Question sets that are being answered.
        owner_of: Who sends a request.
        hidden_of: Documents that an owner must not see.
        has_logins: Whether users have names; else each browser is a user of its own.
        generator_host: The machine that questions and their evidence are sent to; empty for none.
    """

    pipeline: Pipeline
    desk: Desk
    conversations: Conversations
    library: Library
    batches: BatchJobs
    owner_of: Callable[[gr.Request], str]
    hidden_of: Callable[[str], Hidden]
    has_logins: bool
    generator_host: str = ""
