"""Documents sent to a library, and what became of them."""

from dataclasses import dataclass, field

from rag.index.sqlite import Store
from tests.support.fakes import HashingEncoder

ROADS = "海州市2031年交通工作总结\n发布日期：2032-03-04\n\n一、道路\n新修公路86公里。\n\n二、桥梁\n新建桥梁12座。\n"

SCHOOLS = "云岭县2030年教育工作总结\n\n一、学校\n新建学校3所。\n"


@dataclass
class Lender:
    encoder: HashingEncoder = field(default_factory=HashingEncoder)


def sent(folder):
    """What the browser sends: each file in a folder of its own, under a name that is not the document's yet."""

    def files(**contents):
        made = []
        for number, (name, text) in enumerate(contents.items()):
            path = folder / "sent" / str(number)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            made.append((name, path))
        return made

    return files


def add(library, owner, files, **rest):
    """The last step of each file."""
    steps = []
    library.add(owner, files, tell=steps.append, **rest)
    return list({step.number: step for step in steps}.values())


def became(library, owner, files):
    return [(step.stage, step.reason) for step in add(library, owner, files)]


def listed(library, owner):
    return [row.source for row in library.documents(owner)]


def texts(config):
    with Store.open(config.index, readonly=True) as store:
        return {info.source: store.document(info.source).text for info in store.documents()}
