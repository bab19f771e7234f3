"""Compile networks for the CPU and batch inputs of similar length."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["batches_of_like_length", "compile_for_cpu", "cpu_has_bfloat16", "padded_width"]

# From 1,024 tokens a batch on, larger batches are no faster on two cores; small ones need little memory.
_BATCH_TOKENS: Final = 2048
_BATCH_TEXTS: Final = 32
_STEP: Final = 16
"""Widths are multiples of it. OpenVINO keeps what it prepared for every shape it has seen: with any width the reader's
process grew from 959 to 1,307 MB in 400 questions of random length, with these from 959 to 976 MB in 300."""


def compile_for_cpu(model: Any, *, threads: int) -> Any:  # noqa: ANN401 - OpenVINO is not typed here
    """Compile a model, or the file of one, in bfloat16 where the CPU has it; 0 threads leave their number to it."""
    import openvino as ov  # noqa: PLC0415 - heavy

    core = ov.Core()
    precision = "bf16" if cpu_has_bfloat16() else "f32"
    settings = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = str(threads)
    return core.compile_model(model, "CPU", settings)


@cache
def cpu_has_bfloat16() -> bool:
    """Whether the CPU computes in bfloat16 (AVX512_BF16, AMX), as OpenVINO says; no where OpenVINO is not there."""
    try:
        import openvino as ov  # noqa: PLC0415 - heavy
    except ImportError:
        return False
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def batches_of_like_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions of rows of like length together, shortest first, so that little is padded."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == _BATCH_TEXTS or (len(batch) + 1) * lengths[i] > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def padded_width(n_tokens: int) -> int:
    """The width to which a batch is padded whose longest row has so many tokens.

    >>> padded_width(1), padded_width(16), padded_width(17)
    (16, 16, 32)
    """
    return -(-n_tokens // _STEP) * _STEP
