import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rag.config import MOST, PAGE_SETTINGS, Config, load_config
from rag.errors import ConfigError
from ui.settings import PageConfig, load_page_config

HOME = Path("/home/of/youju")
CONFIG = Config(home=HOME, index=HOME / "index", workspace=HOME / "workspace")


def with_toml(folder: Path, text: str) -> dict[str, str]:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return {"YOUJU_HOME": str(folder)}


# Where settings come from


def test_without_anything_the_defaults_hold(tmp_path):
    config = load_config({"YOUJU_HOME": str(tmp_path)})
    assert config == Config(home=tmp_path, index=tmp_path / "index", workspace=tmp_path / "workspace")
    assert (config.encoder, config.generator) == ("multilingual-e5-small", "qwen2.5-coder-1.5b-instruct")
    assert (config.runtime, config.encoder_runtime, config.threads, config.models_lock) == (
        "auto",
        "openvino",
        0,
        "",
    )


def test_without_a_home_models_and_index_go_where_the_platform_keeps_such_things():
    config = load_config({})
    assert "youju" in config.home.parts
    assert config.index.name == "index"
    assert config.home not in config.index.parents, "the cache may be deleted, the index may not"


def test_a_file_in_the_home_folder_is_read(tmp_path):
    env = with_toml(tmp_path, 'generator = "mine.gguf"\ntop_k = 7\nindex = "/somewhere/else"\n')
    config = load_config(env)
    assert (config.generator, config.top_k, config.index) == ("mine.gguf", 7, Path("/somewhere/else"))


def test_a_file_that_is_named_is_read_instead(tmp_path):
    env = with_toml(tmp_path, "top_k = 7")
    other = tmp_path / "other.toml"
    other.write_text("top_k = 8", encoding="utf-8")
    assert load_config(env | {"YOUJU_CONFIG": str(other)}).top_k == 8


def test_the_environment_wins_over_the_file_and_an_argument_over_both(tmp_path):
    env = with_toml(tmp_path, "top_k = 7\nthreads = 1\nevidence_tokens = 300") | {
        "YOUJU_TOP_K": "8",
        "YOUJU_THREADS": "2",
    }
    config = load_config(env, top_k=9)
    assert (config.top_k, config.threads, config.evidence_tokens) == (9, 2, 300)


def test_what_is_empty_or_none_counts_as_not_given(tmp_path):
    env = {"YOUJU_HOME": str(tmp_path), "YOUJU_TOP_K": "", "YOUJU_INDEX": "", "YOUJU_CONFIG": ""}
    assert load_config(env, index=None, top_k=None) == Config(
        home=tmp_path, index=tmp_path / "index", workspace=tmp_path / "workspace"
    )


def test_an_index_given_as_text_becomes_a_path(tmp_path):
    assert load_config({"YOUJU_HOME": str(tmp_path)}, index="a b/索引").index == Path("a b/索引")


def test_a_tilde_is_the_home_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert load_config({"YOUJU_HOME": "~/y", "YOUJU_INDEX": "~/i"}).index == tmp_path / "i"
    assert load_config({"YOUJU_HOME": "~/y"}).home == tmp_path / "y"


def test_the_process_environment_is_read_when_none_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("YOUJU_HOME", str(tmp_path))
    monkeypatch.setenv("YOUJU_MAX_NEW_TOKENS", "17")
    assert load_config().max_new_tokens == 17


def test_every_setting_can_be_given_in_the_environment(tmp_path):
    values = {
        "home": tmp_path,
        "index": tmp_path / "i",
        "workspace": tmp_path / "w",
        "encoder_runtime": "torch",
        "runtime": "transformers",
        **dict.fromkeys(["models_lock", "encoder", "generator", "reader", "index_backend"], "x"),
        **dict.fromkeys(["threads", "workers", "passage_chars", "top_k", "evidence_tokens"], 3),
        **dict.fromkeys(["max_new_tokens", "max_question_chars", "max_file_bytes"], 3),
        **dict.fromkeys(["generator_url", "generator_key", "generator_model"], "x"),
        **dict.fromkeys(["generator_timeout_seconds", "generator_retries", "generator_slots"], 3),
    }
    assert set(values) == set(Config.model_fields)
    env = {f"YOUJU_{name.upper()}": str(value) for name, value in values.items()}
    assert load_config(env) == Config(**values)


def test_a_key_is_never_shown(tmp_path):
    assert "s3cret" not in repr(load_config({"YOUJU_HOME": str(tmp_path)}, generator_key="s3cret"))
    with pytest.raises(ConfigError, match="generator_key is what must not be shown; expected text"):
        load_config(with_toml(tmp_path, "generator_key = 735902"))


# Settings of the page

PAGE = PageConfig(**dict(CONFIG))


def test_the_page_has_all_settings_and_its_own():
    assert PageConfig.model_fields.keys() - Config.model_fields.keys() == PAGE_SETTINGS


def test_the_page_reads_its_settings_from_the_file_and_the_environment(tmp_path):
    env = with_toml(tmp_path, "max_upload_files = 5\nmax_batch_questions = 6") | {"YOUJU_MAX_UPLOAD_FILES": "7"}
    config = load_page_config(env, top_k=3)
    assert (config.max_upload_files, config.max_batch_questions, config.top_k) == (7, 6, 3)


def test_who_does_not_serve_the_page_passes_over_its_settings(tmp_path):
    env = with_toml(tmp_path, "max_upload_files = 5\ntop_k = 7") | {"YOUJU_MAX_BATCH_QUESTIONS": "7"}
    assert load_config(env) == load_config(env | {"YOUJU_TOP_K": "7"})


def test_settings_cannot_be_changed_but_replaced():
    with pytest.raises(ValidationError, match="frozen"):
        CONFIG.top_k = 3
    assert CONFIG.replace(top_k=3) == Config(home=HOME, index=HOME / "index", workspace=HOME / "workspace", top_k=3)
    assert PAGE.replace(top_k=3).max_upload_files == 100
    assert pickle.loads(pickle.dumps(PAGE)) == PAGE


def test_an_environment_that_is_not_given_to_it_does_not_reach_a_config(monkeypatch):
    monkeypatch.setenv("YOUJU_TOP_K", "9")
    assert Config(home=HOME, index=HOME, workspace=HOME).top_k == 30


# What is refused, and how


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("top_k = \n", r"config.toml is not valid TOML: .*line 1.*Correct that line or remove the file"),
        ("topk = 3", r"Unknown setting 'topk'. Known settings: encoder, encoder_runtime, evidence_tokens, generator"),
        ("top_k = 2.5", "top_k is 2.5; expected a whole number"),
        ("top_k = true", "top_k is True; expected a whole number"),
        ('top_k = "many"', "top_k is 'many'; expected a whole number"),
        ("encoder = 5", "encoder is 5; expected text"),
        ("index = 5", "index is 5; expected a path"),
        ("index = {a = 1}", "index is {'a': 1}; expected a path"),
        ('index = "a\\u0000b"', "expected a path"),
        ('index = " "', "index is ' '; expected a path"),
        ("[paths]\nindex = 'x'", "Unknown setting 'paths'"),
    ],
)
def test_a_bad_file_says_what_is_wrong(tmp_path, toml, message):
    with pytest.raises(ConfigError, match=message):
        load_config(with_toml(tmp_path, toml))


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "config.toml").write_bytes("encoder = '编码'".encode("gb18030"))
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load_config({"YOUJU_HOME": str(tmp_path)})


def test_a_named_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"YOUJU_CONFIG names .*nothing.toml, which is not a file"):
        load_config({"YOUJU_CONFIG": str(tmp_path / "nothing.toml")})


def test_a_home_of_somebody_who_is_not_there_is_an_error():
    with pytest.raises(ConfigError, match="YOUJU_HOME is '~no-such-user-here/x', which has no home folder"):
        load_config({"YOUJU_HOME": "~no-such-user-here/x"})


def test_an_unknown_argument_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="Unknown setting 'modell'"):
        load_config({"YOUJU_HOME": str(tmp_path)}, modell="x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"generator_slots": 0}, "generator_slots is 0; expected a number from 1 to 64"),
        ({"generator_retries": -1}, "generator_retries is -1; expected a number from 0 to 20"),
        ({"generator_timeout_seconds": 0}, "generator_timeout_seconds is 0; expected a number from 1 to"),
        ({"encoder_runtime": "onnx"}, "encoder_runtime is 'onnx'; expected one of openvino, torch"),
        ({"threads": -1}, r"threads is -1; expected 0 \(automatic\) or a number of threads up to 1,024"),
        ({"threads": 5000}, "threads is 5000"),
    ],
)
def test_what_cannot_work_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        CONFIG.replace(**change)


@pytest.mark.parametrize(
    "name",
    [
        *("passage_chars", "top_k", "evidence_tokens", "max_new_tokens", "max_question_chars", "max_file_bytes"),
    ],
)
@pytest.mark.parametrize("value", [0, -1, MOST + 1])
def test_a_number_out_of_range_is_refused(name, value):
    with pytest.raises(ConfigError, match=f"{name} is {value}; expected a number from 1 to 2,147,483,647"):
        CONFIG.replace(**{name: value})


@pytest.mark.parametrize("name", sorted(PAGE_SETTINGS))
def test_a_number_of_the_page_out_of_range_is_refused(name):
    with pytest.raises(ConfigError, match=f"{name} is 0; expected a number from 1 to 2,147,483,647"):
        PAGE.replace(**{name: 0})


@given(
    st.sampled_from([name.upper() for name in Config.model_fields]),
    st.text(st.characters(exclude_characters="\0"), max_size=30),
)
def test_whatever_the_environment_holds_gives_settings_or_a_config_error(name, value):
    try:
        config = load_config({"YOUJU_HOME": str(HOME), f"YOUJU_{name}": value})
    except ConfigError as error:
        assert str(error)  # noqa: PT017
    else:
        assert isinstance(config, Config)
