"""A value that is made once, when it is first needed, whichever thread needs it first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Lazy"]

Model = TypeVar("Model")


class Lazy(Generic[Model]):
    """A model that is loaded when it is first needed, and by one thread only."""

    def __init__(self, make: Callable[[], Model]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._model: Model | None = None

    def get(self) -> Model:
        """The model.

        Raises:
            ModelError: It cannot be loaded.
        """
        with self._lock:
            if self._model is None:
                self._model = self._make()
            return self._model

    @property
    def loaded(self) -> Model | None:
        """The model, if it is there already; this loads nothing and does not wait."""
        return self._model
