"""Small parts that the tabs share: a place for our own HTML, fields to choose from, and the settings of events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import gradio as gr
from gradio import component_meta

__all__ = ["AT_ONCE", "QUIET", "ChooseMany", "ChooseOne", "Updates", "html_place"]

Updates = dict[Any, Any]
"""Component -> what becomes of it."""
QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "api_visibility": "private"}
AT_ONCE: Final[dict[str, Any]] = {"queue": False, **QUIET}
# Hands a click on a button of ours on to the server, with the text of the field that belongs to it.
_ACTS: Final = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-yj-act]");
  if (!button) return;
  const { yjAct: act, yjNumber: number, yjText: given } = button.dataset;
  const field = [...element.querySelectorAll("[data-yj-field]")].find((each) => each.dataset.yjField === number);
  trigger("click", { act, number, text: given ?? field?.value ?? "" });
});
element.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-yj-field]")) return;
  event.preventDefault();
  event.target.closest("label").parentElement.querySelector("[data-yj-act]")?.click();
});
"""


@contextmanager
def _no_stub() -> Iterator[None]:
    """Keep Gradio from writing a stub file beside this one, as it does for every class derived from a component."""
    writes = component_meta.create_or_modify_pyi
    component_meta.create_or_modify_pyi = lambda *_: None
    try:
        yield
    finally:
        component_meta.create_or_modify_pyi = writes


with _no_stub():

    class ChooseMany(gr.Dropdown):
        """A field whose choices the server adds later; what comes from it is looked up by whoever uses it.

        Gradio's own refuses what it does not remember having offered: after a restart, or once a chosen document is
        gone, a page that is open could not ask anything any more.
        """

        is_template = True  # so that it is drawn as its base class is

        def preprocess(self, payload: Any) -> Any:  # noqa: ANN401 - untrusted
            """What the browser sends."""
            return payload

    class ChooseOne(gr.Radio):
        """Likewise, of one choice."""

        is_template = True

        def preprocess(self, payload: Any) -> Any:  # noqa: ANN401 - untrusted
            """What the browser sends."""
            return payload


def html_place(elem_id: str | None = None, value: str = "", *, acts: bool = False) -> gr.HTML:
    """A place for HTML of our own making.

    Args:
        elem_id: Its id on the page.
        value: What it shows at first.
        acts: Whether clicks on its ``data-yj-act`` buttons are events (:mod:`ui.components.clicks`).
    """
    # Its template stays Gradio's default `${value}`: with another one a value could be read as a template.
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, js_on_load=_ACTS if acts else None)
