"""youju in processes of its own, and what importing loads."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

# The command with stand-ins for the models, which say when they begin and take the time that SLOW tells.
DRIVER = """
import os, sys, time
from tests.support.fakes import HashingEncoder, QuotingGenerator
from rag.cli.arguments import Models
from rag.cli.main import main

def slowly(work):
    def slow(*arguments, **rest):
        print("working", file=sys.stderr, flush=True)
        time.sleep(float(os.environ.get("SLOW", "0")))
        return work(*arguments, **rest)
    return slow

class Encoder(HashingEncoder):
    encode = slowly(HashingEncoder.encode) if "index" in sys.argv else HashingEncoder.encode

class Generator(QuotingGenerator):
    generate = slowly(QuotingGenerator.generate)

sys.exit(main(models=Models(Encoder, Generator)))
"""


def start(home, *arguments, slow=0.0, code=DRIVER, **rest):
    """Start the command in the folder above its home."""
    paths = str(ROOT)
    environment = os.environ | {"YOUJU_HOME": str(home), "PYTHONPATH": paths, "SLOW": str(slow), **rest}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=home.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


HEAVY = {
    "faiss",
    "gradio",
    "langchain_text_splitters",
    "numpy",
    "openvino",
    "openvino_genai",
    "opencc",
    "pydantic",
    "rjieba",
    "scipy",
    "sentence_transformers",
    "sqlite3",
    "tokenizers",
    "torch",
    "transformers",
}


def loaded_by(code: str) -> set[str]:
    """Heavy libraries that a fresh interpreter has loaded after running code."""
    script = f"import sys\n{code}\nprint('loaded', *sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])
