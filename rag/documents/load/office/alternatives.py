"""What a file tells twice, for newer programs and for older ones: one of the two stays.

Source: ECMA-376-3:2015, 10 (markup compatibility).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rag.documents.load.office.package import tag

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["choose_alternatives"]

_SAYS_SOMETHING: Final = tuple(map(tag, ("w:t", "w:sym", "w:tab", "w:br", "m:t", "a:t", "c:chart", "dgm:relIds")))


def choose_alternatives(root: _Element) -> None:
    """Keep of alternatives the first that says something; where none does, the last. Changes the tree in place."""
    for each in list(root.iter(tag("mc:AlternateContent"))):
        branches = list(each)
        speaking = (branch for branch in branches if next(branch.iter(*_SAYS_SOMETHING), None) is not None)
        kept = next(speaking, branches[-1] if branches else None)
        for branch in branches:
            if branch is not kept:
                each.remove(branch)
