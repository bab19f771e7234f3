"""Characters of pages that are pictures, told to another process: ``python recognition_child.py FILE [PAGE ...]``.

Writes a line of JSON for each page as soon as it is read. The models come inside the package ``rapidocr`` and run in
OpenVINO on the CPU; nothing is downloaded. Imports nothing of youju.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any, Final, TextIO

DPI: Final = 200
MAX_PIXELS: Final = 60_000_000
"""Of a picture before it is made smaller: two pages of A3 at 600 dpi; three bytes each in memory."""
FORMATS: Final = ("PNG", "JPEG", "MPO", "TIFF", "BMP", "WEBP", "GIF")
LONGEST_SIDE: Final = 2600  # pixels of a page as it is recognized; A4 at 200 dpi has 2,339
DETECTION_SIDE: Final = 1280  # A page of 997 characters at 200 dpi: .994 right at 1280 and 960, .991 at 2,000
LINES_AT_ONCE: Final = 2  # 4, 2, 1: 0.86, 0.75, 0.66 GB at the most for a page
LEAST_SURE: Final = 0.5  # rapidocr's own default


def read(path: str, pages: list[int]) -> Iterator[dict[str, Any]]:
    """Recognize pages, numbered from 1; without numbers all pages of a picture.

    Yields:
        First ``n_pages`` of a picture. For each page ``page``, and ``lines``: of each its text and the four corners,
        x and y as shares of the page, from the top left one clockwise; and ``size``, width by height. Or ``too_large``,
        or ``damaged`` with the library's words: of the page, or of the file where no ``page`` is told.
    """
    engine: Any = None
    for told in _of_pdf(path, pages) if pages else _of_picture(path):
        image = told.pop("image", None)
        if image is not None:
            engine = engine or _engine()
            told["size"] = [image.shape[1], image.shape[0]]
            told["lines"] = _lines(engine, image)
        yield told


def _of_pdf(path: str, pages: list[int]) -> Iterator[dict[str, Any]]:
    import pypdfium2  # noqa: PLC0415

    with pypdfium2.PdfDocument(path) as pdf:
        for number in pages:
            try:
                page = pdf[number - 1]
                scale = min(DPI / 72, LONGEST_SIDE / max(*page.get_size(), 1.0))
                yield {"page": number, "image": page.render(scale=scale).to_numpy()[:, :, :3]}
                page.close()
            except pypdfium2.PdfiumError as error:
                yield {"page": number, "damaged": str(error)}


def _of_picture(path: str) -> Iterator[dict[str, Any]]:
    import numpy as np  # noqa: PLC0415
    from PIL import Image, ImageOps  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = None  # judged below, before anything is unpacked
    try:
        with Image.open(path, formats=FORMATS) as picture:
            n_pages = int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1
            yield {"n_pages": n_pages}
            for number in range(n_pages):
                picture.seek(number)
                if picture.width * picture.height > MAX_PIXELS:
                    yield {"page": number + 1, "too_large": [picture.width, picture.height]}
                    continue
                if picture.format == "JPEG":
                    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                flat = Image.new("RGB", upright.size, "white")
                flat.paste(upright.convert("RGBA"), mask=upright.convert("RGBA").getchannel("A"))
                yield {"page": number + 1, "image": np.asarray(flat)[:, :, ::-1]}
    except Exception as error:  # noqa: BLE001 - whatever the library raises of a damaged file
        yield {"damaged": f"{type(error).__name__}: {error}"}


def _engine() -> Any:  # noqa: ANN401 - rapidocr has no types
    from rapidocr import EngineType, RapidOCR  # noqa: PLC0415

    tasks = ("Det", "Cls", "Rec")
    return RapidOCR(
        params={
            **{f"{task}.engine_type": EngineType.OPENVINO for task in tasks},
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Global.max_side_len": LONGEST_SIDE,
            "Global.text_score": LEAST_SURE,
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_SIDE,
            "Rec.rec_batch_num": LINES_AT_ONCE,
            "EngineConfig.openvino.inference_num_threads": int(os.environ.get("YOUJU_OCR_THREADS") or -1),
        }
    )


def _lines(engine: Any, image: Any) -> list[Any]:  # noqa: ANN401
    import numpy as np  # noqa: PLC0415

    found = engine(np.ascontiguousarray(image))
    if found.txts is None:
        return []
    height, width = image.shape[:2]
    return [
        [str(text), [[round(float(x) / width, 5), round(float(y) / height, 5)] for x, y in corners]]
        for text, corners in zip(found.txts, found.boxes, strict=True)
    ]


def _write(told: dict[str, Any], out: TextIO) -> None:
    out.write(json.dumps(told) + "\n")
    out.flush()


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    for each in read(sys.argv[1], [int(number) for number in sys.argv[2:]]):
        _write(each, answers)
