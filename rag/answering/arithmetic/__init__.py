"""Arithmetic that a question asks for: "how many more", "together", "how many times". By code, never a model.

The result is shown as a computation with its operands (``47-21=26``), each of which stands in its own citation, so that
it can be checked at a glance. Calls no model; ``operands`` finds the figures.

Covered: the difference, sum or ratio of things that a question names (一等比三等多多少), or of its two sides (two
places, two years); a change within a sentence, and its rate (由640艘减少到612艘); and the base of an excess:
"completed 1,463, exceeding the task by 397" tells a task of 1,066.

Not covered: operands of different units; sums over things that a question does not name.
"""

from rag.answering.arithmetic.compute import compute

__all__ = ["compute"]
