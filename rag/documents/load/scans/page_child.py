"""Pages as pictures, for another process: their characters, or the picture itself.

``python page_child.py recognize FILE [PAGE ...]`` writes a line of JSON for each page as soon as it is read. The models
come inside the package ``rapidocr`` and run in OpenVINO on the CPU; nothing is downloaded.
``python page_child.py render PAGE WIDTH`` reads a file from its standard input and writes a PNG or JPEG file.

Imports nothing of youju.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from typing import Any, Final, TextIO

DPI: Final = 200
MAX_PIXELS: Final = 60_000_000
"""Of a picture before it is made smaller: two pages of A3 at 600 dpi; three bytes each in memory."""
FORMATS: Final = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")
LONGEST_SIDE: Final = 2600  # pixels of a page as it is recognized; A4 at 200 dpi has 2,339
DETECTION_SIDE: Final = 1280  # A page of 997 characters at 200 dpi: .994 right at 1280 and 960, .991 at 2,000
LINES_AT_ONCE: Final = 2  # 4, 2, 1: 0.86, 0.75, 0.66 GB at the most for a page
MOST_THREADS: Final = 8  # each takes address space
LEAST_SURE: Final = 0.5  # rapidocr's own default
CONTRAST: Final = 60  # of 255, between paper and ink
SPECK: Final = 2  # pixels of a row that may be dust
BLANK_ROWS: Final = 150  # between two bands: 2 cm at 200 dpi
MOST_PNG_BYTES: Final = 1_000_000
"""Of a drawn page: nine of text, 1,200 pixels wide, have 0.02 to 0.22 MB; a scan of that width as PNG has several."""
MARGIN: Final = 50  # pixels around a band; 5 words alone on a page: 0 found on the whole page, 5 with 50 and with 200


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
                yield {"page": number, "image": _image(page, DPI / 72)}
                page.close()
            except pypdfium2.PdfiumError as error:
                yield {"page": number, "damaged": str(error)}


def _image(page: Any, scale: float) -> Any:  # noqa: ANN401
    """A page of a PDF file: blue, green, red; shape (height, width, 3)."""
    scale = min(scale, LONGEST_SIDE / max(*page.get_size(), 1.0))
    return page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3]


def render(content: bytes, number: int, width: int) -> bytes:
    """A page of a file as a PNG file, so wide, or narrower where it would become too high; a large one as JPEG.

    Raises:
        ValueError: There is no such page, or it is too large.
    """
    from PIL import Image  # noqa: PLC0415

    is_pdf = b"%PDF-" in content[:1024]
    if is_pdf:
        image = _pdf_image(content, number, width)
    else:
        pages = _of_picture(io.BytesIO(content))
        image = next((told["image"] for told in pages if told.get("page") == number and "image" in told), None)
    if image is None:
        raise ValueError(f"no page {number} that can be shown")
    is_grey = bool((image == image[:, :, :1]).all())  # half as large a file
    picture = Image.fromarray(image[:, :, 0] if is_grey else image[:, :, ::-1])
    scale = min(width / picture.width, LONGEST_SIDE / picture.height)
    if not is_pdf or scale < 1:
        picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    drawn = _saved(picture, "PNG")
    return drawn if len(drawn) <= MOST_PNG_BYTES else _saved(picture, "JPEG")


def _saved(picture: Any, kind: str) -> bytes:  # noqa: ANN401
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def _pdf_image(content: bytes, number: int, width: int) -> Any:  # noqa: ANN401
    import pypdfium2  # noqa: PLC0415

    with pypdfium2.PdfDocument(content) as pdf:
        if not 1 <= number <= len(pdf):
            return None
        page = pdf[number - 1]
        return _image(page, width / max(page.get_size()[0], 1.0)).copy()


def _of_picture(file: str | io.BytesIO) -> Iterator[dict[str, Any]]:
    import numpy as np  # noqa: PLC0415
    from PIL import Image, ImageOps  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = None  # judged below, before anything is unpacked
    try:
        with Image.open(file, formats=FORMATS) as picture:
            n_pages = int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1
            yield {"n_pages": n_pages}
            for number in range(n_pages):
                picture.seek(number)
                if picture.width * picture.height > MAX_PIXELS:
                    yield {"page": number + 1, "too_large": [picture.width, picture.height]}
                    continue
                if picture.format == "JPEG":
                    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(_in_greys(picture))
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                clear = upright.convert("RGBA")
                flat = Image.new("RGB", clear.size, "white")
                flat.paste(clear, mask=clear.getchannel("A"))
                yield {"page": number + 1, "image": np.asarray(flat)[:, :, ::-1]}
    except Exception as error:  # noqa: BLE001 - whatever the library raises of a damaged file
        yield {"damaged": f"{type(error).__name__}: {error}"}


def _in_greys(picture: Any) -> Any:  # noqa: ANN401
    """A picture that can be made smaller: one of black and white alone (a fax) or of 16 bits a pixel cannot well."""
    if picture.mode.startswith("I"):
        return picture.point(lambda light: light / 256).convert("L")
    return picture.convert({"1": "L", "P": "RGBA"}[picture.mode]) if picture.mode in ("1", "P") else picture


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
            "EngineConfig.openvino.inference_num_threads": min(MOST_THREADS, os.cpu_count() or 1),
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_SIDE,
            "Rec.rec_batch_num": LINES_AT_ONCE,
        }
    )


def _lines(engine: Any, image: Any) -> list[Any]:  # noqa: ANN401
    import numpy as np  # noqa: PLC0415

    height, width = image.shape[:2]
    lines = []
    for left, top, right, bottom in _regions(image):
        found = engine(np.ascontiguousarray(image[top:bottom, left:right]))
        for text, corners in zip(found.txts or (), () if found.boxes is None else found.boxes, strict=True):
            places = [(round((left + float(x)) / width, 5), round((top + float(y)) / height, 5)) for x, y in corners]
            lines.append([str(text), places])
    return lines


def _regions(image: Any) -> Iterator[tuple[int, int, int, int]]:  # noqa: ANN401
    """Where anything is on a page, in bands: a word alone on a page is not found by what finds lines."""
    import numpy as np  # noqa: PLC0415

    ground = np.median(image[::8, ::8].reshape(-1, 3), axis=0).astype(np.int16)
    ink = (np.abs(image.astype(np.int16) - ground) > CONTRAST).any(axis=2)
    rows = np.flatnonzero(ink.sum(axis=1) >= SPECK)
    if not rows.size:
        return
    for band in np.split(rows, np.flatnonzero(np.diff(rows) > BLANK_ROWS) + 1):
        top, bottom = max(0, int(band[0]) - MARGIN), min(image.shape[0], int(band[-1]) + MARGIN)
        columns = np.flatnonzero(ink[top:bottom].any(axis=0))
        yield max(0, int(columns[0]) - MARGIN), top, min(image.shape[1], int(columns[-1]) + MARGIN), bottom


def _write(told: dict[str, Any], out: TextIO) -> None:
    out.write(json.dumps(told) + "\n")
    out.flush()


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    what, *asked = sys.argv[1:]
    if what == "render":
        answers.buffer.write(render(sys.stdin.buffer.read(), *map(int, asked)))
    else:
        for each in read(asked[0], [int(number) for number in asked[1:]]):
            _write(each, answers)
