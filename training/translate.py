"""Machine-made questions in other languages, by the local generator.

Parallel questions are scarce, and the reader must find a Chinese sentence for a question in English. So the generator
translates some of the Chinese questions; what it loses is thrown out by two tests: every figure must survive, and the
encoder must find question and translation alike. Written as it is made, so that a stopped run goes on.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rag.encoders import load_encoder, similarities
from rag.generation import convert_generator
from rag.progress import no_progress
from rag.text.unicode import is_chinese
from rag.text.words import simplify
from training.data import share_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.config import Config
    from rag.progress import Progress
    from training.data import Question

__all__ = ["translate_questions"]

_STAGE: Final = "Translating questions"
_BATCH: Final = 48  # questions that the runtime decodes together: 0.2 s each instead of 1 s on two cores
_MAX_NEW_TOKENS: Final = 64
_LEAST_SIMILARITY: Final = 0.78  # measured: below, names are lost or the sense is another
# Questions and translations of our own making, in the manner of examination questions.
_SHOTS: Final = {
    "en": (
        "English",
        ("How many kilometres long is the river?", "Who wrote this novel?", "In which year did the school open?"),
    ),
    "ja": (
        "Japanese",
        ("この川の全長は何キロメートルですか。", "この小説の作者は誰ですか。", "その学校は何年に開校しましたか。"),
    ),
    "ko": (
        "Korean",
        ("이 강의 길이는 몇 킬로미터입니까?", "이 소설의 작가는 누구입니까?", "그 학교는 몇 년에 개교했습니까?"),
    ),
    "fr": (
        "French",
        (
            "Combien de kilomètres ce fleuve mesure-t-il ?",
            "Qui a écrit ce roman ?",
            "En quelle année l'école a-t-elle ouvert ?",
        ),
    ),
    "es": (
        "Spanish",
        ("¿Cuántos kilómetros mide el río?", "¿Quién escribió esta novela?", "¿En qué año abrió la escuela?"),
    ),
}
_SHOT_QUESTIONS: Final = ("这条河全长多少公里？", "这部小说的作者是谁？", "学校是哪一年开办的？")


def translate_questions(
    questions: Sequence[Question], counts: dict[str, int], path: Path, *, config: Config, seed: int, progress: Progress
) -> dict[str, tuple[str, str]]:
    """Translations of some of the questions, each question into one language.

    Args:
        questions: Chinese questions.
        counts: How many to translate into each language; before the tests that throw some out.
        path: JSON lines {id, lang, question, similarity}; what is there already is not made again.
        config: The settings: generator, encoder, home.
        seed: Decides which questions.
        progress: Hears how many are done.

    Returns:
        Question id -> (language, translation), those that passed the tests.
    """
    wanted = _draw(questions, counts, seed=seed)
    done = _read(path)
    missing = [(question, lang) for question, lang in wanted if question.id not in done]
    if missing:
        _translate(missing, path, config=config, progress=progress, n_done=len(wanted) - len(missing))
        done = _read(path)
    kept = (done[question.id] for question, _ in wanted if question.id in done)
    return {line["id"]: (line["lang"], line["question"]) for line in kept if line["similarity"] >= _LEAST_SIMILARITY}


def _draw(questions: Sequence[Question], counts: dict[str, int], *, seed: int) -> list[tuple[Question, str]]:
    shuffled = sorted(questions, key=lambda question: share_of(question.id, f"{seed}/translate"))
    languages = [lang for lang, n in counts.items() for _ in range(n)]
    return list(zip(shuffled, languages, strict=False))


def _translate(
    missing: Sequence[tuple[Question, str]], path: Path, *, config: Config, progress: Progress, n_done: int
) -> None:
    pipeline = _Translator(config)
    encoder = load_encoder(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    total = n_done + len(missing)
    with path.open("a", encoding="utf-8") as file:
        for begin in range(0, len(missing), _BATCH):
            progress(_STAGE, n_done + begin, total, unit="questions")
            some = missing[begin : begin + _BATCH]
            sources = [simplify(question.text) for question, _ in some]
            targets = pipeline.translate([(text, lang) for text, (_, lang) in zip(sources, some, strict=True)])
            for source, target, (question, lang) in zip(sources, targets, some, strict=True):
                score = similarities(source, [target], encoder=encoder)[0] if _plausible(source, target, lang) else 0.0
                line = {"id": question.id, "lang": lang, "question": target, "similarity": round(score, 4)}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
    progress(_STAGE, total, total, unit="questions")


class _Translator:
    """The generator, decoding many prompts together."""

    def __init__(self, config: Config) -> None:
        import openvino_genai  # noqa: PLC0415 - heavy

        scheduler = openvino_genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.cache_size = 2  # GB
        folder = convert_generator(config.replace(runtime="openvino"), progress=no_progress)
        self._pipeline = openvino_genai.LLMPipeline(str(folder), "CPU", scheduler_config=scheduler)
        self._tokenizer = self._pipeline.get_tokenizer()
        self._settings = self._pipeline.get_generation_config()
        self._settings.max_new_tokens = _MAX_NEW_TOKENS
        self._settings.do_sample = False
        self._settings.repetition_penalty = 1.0

    def translate(self, texts: Sequence[tuple[str, str]]) -> list[str]:
        prompts = [self._prompt(text, lang) for text, lang in texts]
        replies: Any = self._pipeline.generate(prompts, self._settings)
        return [reply.strip() for reply in replies.texts]

    def _prompt(self, text: str, lang: str) -> str:
        name, shots = _SHOTS[lang]
        messages = [{"role": "system", "content": f"Translate the question into {name}. Write the translation only."}]
        for question, shot in zip(_SHOT_QUESTIONS, shots, strict=True):
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": shot}]
        messages.append({"role": "user", "content": text})
        prompt: str = self._tokenizer.apply_chat_template(messages, add_generation_prompt=True)
        return prompt


def _plausible(source: str, target: str, lang: str) -> bool:
    """One line, in the language asked for, with the figures of the source, and not one of the examples."""
    if not target or "\n" in target or target in _SHOTS[lang][1] or len(target) > 12 * len(source):
        return False
    if lang != "ja" and is_chinese(target):
        return False
    return set(re.findall(r"\d+", source)) <= set(re.findall(r"\d+", target))


def _read(path: Path) -> dict[str, Any]:
    """The lines written so far; half a line, where a run was killed, does not count."""
    done: dict[str, Any] = {}
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return done
    for text in content.splitlines():
        try:
            line = json.loads(text)
            done[line["id"]] = line
        except (ValueError, KeyError):
            continue
    return done
