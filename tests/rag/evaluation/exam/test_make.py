from random import Random

from rag.evaluation.exam.make import exam_of_folder, exam_of_texts
from rag.evaluation.exam.wording import WORDINGS, reword

HAIZHOU = (
    "海州市2031年渔业工作总结\n\n一、2031年工作\n全市新建标准化渔港12个。\n水产品总产量达到45.6万吨，同比增长3.2%。\n"
)
YUNLING = "云岭市2031年渔业工作总结\n\n一、2031年工作\n全市新建标准化渔港7个。\n渔港日常维护由县渔业主管部门负责。\n"
RULES = (
    "海州市渔港管理条例\n第一条本条例所称渔港，是指供渔船停泊、避风和装卸的港口。\n"
    "第二条设立渔业公司应当具备下列条件：\n(一)有渔船；\n(二)有固定的场所。\n第三条本条例自2031年3月1日起施行。\n"
)
TEXTS = {"haizhou.txt": HAIZHOU, "yunling.txt": YUNLING, "rules.txt": RULES}


def made(texts=TEXTS, **options):
    return list(exam_of_texts(texts, **options))


def test_every_answer_stands_at_its_offsets_in_its_sentence():
    questions = made()
    assert {question.type for question in questions} == {"figure", "share", "who", "definition", "date", "list"}
    for question in questions:
        text = TEXTS[question.source]
        found = text[question.start : question.end]
        assert "".join(found.split()) == "".join(question.answer.split())
        if question.type != "list":
            assert question.sentence_start <= question.start < question.end <= question.sentence_end


def test_the_same_seed_makes_the_same_exam_and_another_one_another():
    assert made(seed=3) == made(seed=3)
    asked = [[question.question for question in made(seed=seed)] for seed in (3, 4)]
    assert asked[0] != asked[1]


def test_the_same_measure_of_another_place_is_a_twin_and_never_asked_without_a_scope():
    piers = [
        question
        for question in made()
        if question.kind == "asked" and "渔港" in question.question and question.answer == "12个"
    ]
    assert len(piers) == 1
    at = YUNLING.index("7个")
    assert piers[0].twins == (("yunling.txt", at, at + 2),)
    assert all(
        "海州" in question.question
        for seed in range(9)
        for question in made(seed=seed)
        if question.answer == "12个" and question.kind == "asked"
    )


def test_what_a_document_tells_twice_with_two_values_is_not_asked():
    twice = {"a.txt": HAIZHOU + "全市新建标准化渔港15个。\n"}
    assert not [question for question in made(twice) if question.answer in ("12个", "15个")]


def test_a_hidden_document_wants_a_refusal():
    questions = [question for seed in range(6) for question in made(seed=seed)]
    hidden = [question for question in questions if question.kind == "hidden"]
    assert all(not question.answerable and question.hidden == {question.source} for question in hidden)
    assert all(question.answerable for question in questions if question.kind in ("asked", "other_words"))


SUZHOU = (
    "苏州市2031年渔业工作总结\n\n一、2031年工作\n苏州市渔业局汇总苏州市情况。\n"
    "全市新建标准化渔港12个。\n苏州市继续努力。\n"
)


def test_a_year_that_no_document_has_stands_in_for_the_one_asked_for():
    made_of_suzhou = [question for seed in range(9) for question in made({"s.txt": SUZHOU}, seed=seed)]
    years = {question.question for question in made_of_suzhou if question.kind == "other_year"}
    assert years
    assert all("2034年" in question and "2031" not in question for question in years)


def test_a_place_that_no_document_has_stands_in_for_the_one_asked_for():
    elsewhere = [
        question
        for seed in range(9)
        for question in made({"s.txt": SUZHOU}, seed=seed)
        if question.kind == "other_place"
    ]
    assert elsewhere
    for question in elsewhere:
        assert not question.answerable
        assert "苏州" not in question.question


def test_a_list_is_answered_by_all_its_items():
    (items,) = (question for question in made() if question.type == "list" and question.kind == "asked")
    assert items.answer == "(一)有渔船；(二)有固定的场所。"
    assert RULES[items.start : items.end] == "(一)有渔船；\n(二)有固定的场所。"


def test_a_document_that_speaks_of_itself_is_asked_about_by_its_title():
    days = [question.question for question in made() if question.type == "date" and question.kind == "asked"]
    assert len(days) == 1
    assert "《海州市渔港管理条例》" in days[0]
    assert "本条例" not in days[0]


def test_a_folder_is_read_in_the_order_of_names_and_only_its_texts(tmp_path):
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "other.pdf").write_bytes(b"%PDF-")
    assert list(exam_of_folder(tmp_path)) == made({name: TEXTS[name] for name in sorted(TEXTS)})
    assert list(exam_of_texts({})) == []


def test_other_words_leave_figures_and_change_the_rest():
    question = "海州市2031年新增公办幼儿园多少所"
    other = {name: reword(question, name, Random(1)) for name in WORDINGS}
    assert other["traditional"] == "海州市2031年新增公辦幼兒園多少所"
    assert other["order"] == "海州市2031年公办幼儿园新增多少所"
    assert len(other["typo"]) == len(question)
    assert sum(one != two for one, two in zip(question, other["typo"], strict=True)) == 1
    assert "2031" in other["typo"]
    assert "海州" in other["typo"]
    assert question in other["colloquial"]
    assert all(reword("How many piers are there", name, Random(1)) == "" for name in WORDINGS)
