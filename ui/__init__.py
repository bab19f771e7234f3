"""The chat page. Importing it switches off, before Gradio is loaded, everything of Gradio's that calls out."""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # usage reports and the version check; read when Gradio is imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # Gradio brings the hub's client along
