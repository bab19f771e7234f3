"""How well text recognition reads pages of known text, and how fast: pages made of the sample documents.

    python benchmarks/documents/ocr.py [--font FILE] [--pages 6]

Clean pages at 200 dpi; the same at 150 dpi, turned by one degree, with a red stamp over the text. Accuracy is one less
the edit distance over the length, white space left out. Needs the extra ``ocr`` and a Chinese font.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from rag.documents.load.scans.recognition import recognize_pages

ROOT: Final = Path(__file__).resolve().parents[2]
FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/Songti.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
A4: Final = (8.27, 11.69)  # inches
SIZES: Final = (12, 14, 16)  # points: what offices set their text in
RED: Final = (200, 30, 30)


def draw_page(text: str, font_file: str, *, dpi: int, points: int, columns: int = 1) -> tuple[Image.Image, str]:
    """A page of text in lines of full width, and the text that had room on it."""
    pixels = round(points * dpi / 72)
    font = ImageFont.truetype(font_file, pixels)
    width, height = (round(side * dpi) for side in A4)
    page = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(page)
    wide = (width - 2 * dpi - (columns - 1) * 2 * pixels) // columns
    shown, at = "", 0
    for column in range(columns):
        left, top = dpi + column * (wide + 2 * pixels), dpi
        while top < height - dpi and at < len(text):
            line = ""
            while at < len(text) and font.getlength(line + text[at]) <= wide:
                line += text[at]
                at += 1
            pen.text((left, top), line, font=font, fill="black")
            shown += line
            top += round(1.75 * pixels)
    return page, shown


def stamp(page: Image.Image, font_file: str, dpi: int) -> None:
    """Put a round red stamp over the text, as seals stand on papers."""
    radius = round(0.83 * dpi)  # 4.2 cm across: the State Council's rule of 1999
    seal = Image.new("RGBA", (2 * radius, 2 * radius))
    pen = ImageDraw.Draw(seal)
    pen.ellipse((2, 2, 2 * radius - 2, 2 * radius - 2), outline=(*RED, 200), width=max(2, dpi // 40))
    pen.text((radius, radius), "★", font=ImageFont.truetype(font_file, radius // 2), fill=(*RED, 200), anchor="mm")
    font = ImageFont.truetype(font_file, radius // 4)
    for number, character in enumerate("海州市教育局"):
        sign = Image.new("RGBA", seal.size)
        place = (radius, radius // 4)
        ImageDraw.Draw(sign).text(place, character, font=font, fill=(*RED, 200), anchor="mm")
        seal.alpha_composite(sign.rotate(75 - 30 * number, center=(radius, radius)))
    page.paste(seal, (page.width // 2, page.height // 2), seal)


def distance(one: str, other: str) -> int:
    """Edits that make one text the other (Levenshtein 1966)."""
    before = list(range(len(other) + 1))
    for row, a in enumerate(one, start=1):
        now = [row]
        for column, b in enumerate(other, start=1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (a != b)))
        before = now
    return before[-1]


def accuracy(found: str, wanted: str) -> float:
    """One less the edit distance over the length, without white space."""
    found, wanted = "".join(found.split()), "".join(wanted.split())
    return 1 - distance(found, wanted) / len(wanted)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--font", default=next((font for font in FONTS if Path(font).is_file()), ""))
    parser.add_argument("--pages", type=int, default=6)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # one core, for the speed; Linux alone knows it
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = ["".join(path.read_text("utf-8").split()) for path in sorted((ROOT / "seeds").glob("*.txt"))]
    rnd = random.Random(7)
    for name, dpi in (("clean, 200 dpi", 200), ("skew and stamp, 150 dpi", 150)):
        pages = [make_page(texts, number, arguments.font, dpi=dpi, rnd=rnd) for number in range(arguments.pages)]
        with TemporaryDirectory() as folder:
            file = Path(folder, "pages.tiff")
            pages[0][0].save(file, save_all=True, append_images=[page for page, _ in pages[1:]], compression="tiff_lzw")
            began = time.perf_counter()
            read = list(recognize_pages(file))
            seconds = time.perf_counter() - began
        right = [accuracy(found.page.text, wanted) for found, (_, wanted) in zip(read, pages, strict=True)]
        print(f"{name}: {' '.join(f'{each:.4f}' for each in right)}")
        print(f"mean {mean(right):.4f}, least {min(right):.4f}; {60 * len(pages) / seconds:.1f} pages a minute\n")


def make_page(
    texts: Sequence[str], number: int, font_file: str, *, dpi: int, rnd: random.Random
) -> tuple[Image.Image, str]:
    """One of the pages: three sizes of letters, every sixth in two columns."""
    text = texts[number % len(texts)]
    start = rnd.randrange(max(1, len(text) - 1500))
    columns = 2 if number % 6 == 5 else 1
    points = 10 if columns > 1 else SIZES[number % 3]
    page, shown = draw_page(text[start:], font_file, dpi=dpi, points=points, columns=columns)
    if dpi < 200:
        stamp(page, font_file, dpi)
        page = page.rotate(1, Image.Resampling.BICUBIC, fillcolor="white")
    return page, shown


if __name__ == "__main__":
    main()
