"""Small parts that the tabs share: a place for our own HTML, fields to choose from, and the settings of events."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import gradio as gr

__all__ = ["AT_ONCE", "QUIET", "Updates", "choose_many", "choose_one", "html_place"]

Field = TypeVar("Field", gr.Dropdown, gr.Radio)
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


def choose_many(label: str, elem_id: str) -> gr.Dropdown:
    """A field of several choices that the server adds later; what comes from it is looked up by whoever uses it."""
    return _trusting(gr.Dropdown([], label=label, multiselect=True, elem_id=elem_id))


def choose_one(label: str, elem_id: str, *, visible: bool = True) -> gr.Radio:
    """Likewise, of one choice."""
    return _trusting(gr.Radio([], label=label, elem_id=elem_id, visible=visible))


def _trusting(field: Field) -> Field:
    """The field, handing on what the browser sends.

    Gradio's own refuses what it does not remember having offered: after a restart, or once a chosen document is gone,
    a page that is open could not ask anything any more. Not by a class of its own: for those Gradio writes a file
    beside the source.
    """
    vars(field)["preprocess"] = lambda payload: payload
    return field


def html_place(elem_id: str | None = None, value: str = "", *, acts: bool = False) -> gr.HTML:
    """A place for HTML of our own making.

    Args:
        elem_id: Its id on the page.
        value: What it shows at first.
        acts: Whether clicks on its ``data-yj-act`` buttons are events (:mod:`ui.acts`).
    """
    # Its template stays Gradio's default `${value}`: with another one a value could be read as a template.
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, js_on_load=_ACTS if acts else None)
