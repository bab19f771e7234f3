"""The command line in this process, with stand-ins for the models; a fixture for the files that test it."""

from pathlib import Path

import pytest

from rag.cli.arguments import Models
from rag.cli.main import main
from tests.support.fakes import HashingEncoder, QuotingGenerator
from tests.support.scoring import IN_SCOPE

ROADS = "海州市2031年交通工作总结\n\n一、道路\n2031年，海州市新修公路86公里。\n"
SCHOOLS = "临川县2030年教育工作总结\n\n一、学校\n2030年，临川县新建学校12所。\n"
ASKED = "海州市2031年新修公路多少公里？"
SAID = "2031年，海州市新修公路86公里。[1]"
INDEX = Path("home/index")


class Youju:
    """Runs commands as a user would, and tells code, output and errors."""

    def __init__(self, capsys):
        self.encoder = HashingEncoder
        self.generator = QuotingGenerator
        self.reader = None  # there is none, as where the models were not fetched
        self._capsys = capsys

    def __call__(self, *arguments):
        self._capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments], models=self.models())
        except SystemExit as ended:  # argparse
            code = ended.code
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.out + self.err
        return code

    def models(self):
        return Models(self.encoder, self.generator, self.reader, IN_SCOPE)


@pytest.fixture
def youju(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("YOUJU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("docs").mkdir()
    Path("docs/roads.txt").write_text(ROADS, encoding="utf-8")
    Path("docs/schools.txt").write_text(SCHOOLS, encoding="utf-8")
    return Youju(capsys)


@pytest.fixture
def indexed(youju):
    assert youju("index", "docs") == 0
    return youju
