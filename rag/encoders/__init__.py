"""Texts -> unit vectors, with sentence-transformers models, in OpenVINO or torch.

``facts`` reads what a model folder tells, ``torch_runtime`` is the only importer of sentence-transformers,
``conversion`` turns its module into OpenVINO's format once, ``openvino_runtime`` runs that without torch,
``encoder`` is the story. Knows nothing of FAISS or of stores.
"""

from rag.encoders.encoder import (
    Encoder,
    FloatArray,
    convert_encoder,
    embed_passages,
    embed_query,
    load_encoder,
    similarities,
)

__all__ = ["Encoder", "FloatArray", "convert_encoder", "embed_passages", "embed_query", "load_encoder", "similarities"]
