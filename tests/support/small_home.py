"""A home with a few documents and a real pipeline over it, of fakes that answer from them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.scoring import IN_SCOPE
from ui.settings import load_page_config

SCHOOLS = (
    "海州市2031年教育工作总结\n\n海州市教育局\n2031年12月20日\n\n一、学校建设\n2031年，海州市新建学校12所，改扩建学校30所。"
    "全市新增学位4.07万个。\n\n二、教师队伍\n2031年，海州市招聘教师860人，培训教师9000人次。\n\n* * *\n\n三、学生资助\n"
    "发放助学金3.4亿元，惠及学生12万人。\n"
)
ROADS = (
    "云岭县2030年交通工作总结\n\n一、道路\n2030年，云岭县新修公路86公里，维修公路240公里。\n\n"
    "二、桥梁\n新建桥梁12座。\n"
)
DOCUMENTS = {"schools.txt": SCHOOLS, "roads.txt": ROADS}
ANSWERED = "海州市2031年新建学校多少所？"
QUOTE = "2031年，海州市新建学校12所，改扩建学校30所。"
REFUSED = "临川县2030年新修公路多少公里？"


def small_pipeline(folder: Path, documents: Mapping[str, str | bytes] = DOCUMENTS, **settings: Any) -> Pipeline:
    """Index documents into a home of their own and open it."""
    originals = folder / "originals"
    originals.mkdir(parents=True)
    for name, text in documents.items():
        (originals / name).parent.mkdir(parents=True, exist_ok=True)
        (originals / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    config = load_page_config({"YOUJU_HOME": str(folder / "home")}, **settings)
    if documents:
        index_paths(config, [originals], encoder=HashingEncoder())
    return Pipeline.open(
        config, encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader, scorer=IN_SCOPE, create=True
    )
