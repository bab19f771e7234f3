"""The chat page. Importing it switches off, before Gradio is loaded, what Gradio would send or tally."""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # usage reports and the version check; read when Gradio is imported
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)  # tables of its own speed, made anew after every question
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # Gradio brings the hub's client along
