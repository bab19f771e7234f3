"""Texts -> unit vectors, with sentence-transformers models, in OpenVINO or torch.

``model_facts`` reads the facts of a model folder, ``torch`` is the only importer of sentence-transformers,
``openvino_conversion`` converts its module to OpenVINO once, ``openvino`` runs that without torch, ``encoder`` has the
order of it. Knows nothing of FAISS or of stores.
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
