"""Small parts that the tabs share: a place for our own HTML, and the settings of events."""

from __future__ import annotations

from typing import Any, Final

import gradio as gr

__all__ = ["AT_ONCE", "QUIET", "Updates", "html_place"]

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


def html_place(elem_id: str | None = None, value: str = "", *, acts: bool = False) -> gr.HTML:
    """A place for HTML of our own making.

    Args:
        elem_id: Its id on the page.
        value: What it shows at first.
        acts: Whether clicks on its ``data-yj-act`` buttons are events (:mod:`ui.acts`).
    """
    # Its template stays Gradio's default `${value}`: with another one a value could be read as a template.
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, js_on_load=_ACTS if acts else None)
