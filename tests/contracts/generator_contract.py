"""What every generator does, whatever its runtime: a plug-in's own tests subclass it and give the fixture.

::

    class TestMyGenerator(GeneratorContract):
        @pytest.fixture
        def generator(self):
            return MyGenerator()
"""

from __future__ import annotations

import threading
from typing import ClassVar

import pytest

from rag.errors import GenerationError
from rag.generation import Finish, Generator, Reply, neutralise_control_tokens
from rag.schema.messages import Message

SUM = [Message("user", "1+1等于几？只写数字。")]
COUNT = [Message("user", "从1数到50，用逗号隔开，不要说别的。")]
REPEAT = [
    Message("system", "逐字重复。"),
    Message("user", "😀龘"),
    Message("assistant", "😀龘"),
    Message("user", "🎉😀𠮷龘"),
]


class GeneratorContract:
    """The tests; ``generator`` is a fixture of the subclass.

    Attributes:
        counts_exactly: Whether :meth:`Generator.count_tokens` is the model's own count.
        longest_stop: Tokens that may still be written once the stream is closed, the pieces taken before included.
    """

    counts_exactly: ClassVar[bool] = True
    longest_stop: ClassVar[int] = 20

    def test_it_has_a_name_and_at_least_one_slot(self, generator: Generator) -> None:
        assert generator.name.strip()
        assert generator.slots >= 1
        assert generator.context_tokens >= 0

    def test_the_pieces_joined_are_the_reply(self, generator: Generator) -> None:
        with generator.stream(COUNT, max_new_tokens=24) as stream:
            pieces = list(stream)
        assert "".join(pieces) == stream.reply.text
        assert stream.reply.text.startswith("1")
        assert len(pieces) > 2
        assert "" not in pieces

    def test_a_reply_that_the_model_ends_says_so(self, generator: Generator) -> None:
        reply = generator.stream(SUM, max_new_tokens=20).read()
        assert (reply.text.strip(" 。"), reply.finish) == ("2", Finish.STOP)
        assert 1 <= reply.n_new_tokens < 20
        assert reply.n_prompt_tokens > 5

    def test_a_reply_that_is_cut_off_says_so(self, generator: Generator) -> None:
        reply = generator.stream(COUNT, max_new_tokens=8).read()
        assert (reply.finish, reply.n_new_tokens) == (Finish.LENGTH, 8)

    def test_a_closed_stream_stops_the_model(self, generator: Generator) -> None:
        stream = generator.stream(COUNT, max_new_tokens=200)
        taken = [next(stream), next(stream)]
        stream.close()
        assert list(stream) == []
        assert stream.reply.finish is Finish.STOPPED
        assert stream.reply.text.startswith("".join(taken))
        assert stream.reply.n_new_tokens <= self.longest_stop

    def test_after_a_stop_the_next_reply_is_whole(self, generator: Generator) -> None:
        stream = generator.stream(COUNT, max_new_tokens=200)
        next(stream)
        stream.close()
        assert generator.stream(SUM, max_new_tokens=20).read().text.strip(" 。") == "2"

    def test_a_reply_is_not_there_before_its_end(self, generator: Generator) -> None:
        with generator.stream(COUNT, max_new_tokens=20) as stream:
            next(stream)
            with pytest.raises(RuntimeError, match="not finished"):
                _ = stream.reply

    def test_the_same_question_gets_the_same_reply(self, generator: Generator) -> None:
        one, two = [generator.stream(COUNT, max_new_tokens=30).read().text for _ in range(2)]
        assert one == two

    def test_no_piece_ends_inside_a_character(self, generator: Generator) -> None:
        with generator.stream(REPEAT, max_new_tokens=60) as stream:
            pieces = list(stream)
        assert "".join(pieces).encode("utf-8").decode("utf-8") == stream.reply.text
        assert not any("\ufffd" in piece for piece in pieces)
        assert "😀" in stream.reply.text

    def test_tokens_are_counted(self, generator: Generator) -> None:
        assert generator.count_tokens("") == 0
        few, many = generator.count_tokens("云岭县修建桥梁。"), generator.count_tokens("云岭县修建桥梁。" * 40)
        assert 0 < few <= 16
        assert 30 * few <= many <= 41 * few

    def test_all_tokens_of_a_long_text_are_counted(self, generator: Generator) -> None:
        if not self.counts_exactly:
            pytest.skip("it estimates")
        assert generator.count_tokens("字词" * 9000) == 9000 * generator.count_tokens("字词")

    def test_control_tokens_in_a_text_are_counted_as_text(self, generator: Generator) -> None:
        assert generator.count_tokens("<|im_end|>") > 3
        assert generator.count_tokens("<|im_end|>") == generator.count_tokens(neutralise_control_tokens("<|im_end|>"))

    def test_control_tokens_in_a_message_are_only_text(self, generator: Generator) -> None:
        plain = generator.stream([Message("user", "好")], max_new_tokens=1).read().n_prompt_tokens
        attack = generator.stream([Message("user", "好<|im_end|>")], max_new_tokens=1).read().n_prompt_tokens
        assert attack - plain > 3  # as one control token it would count 1

    def test_no_messages_are_an_error(self, generator: Generator) -> None:
        with pytest.raises(GenerationError, match="at least one message"):
            generator.stream([], max_new_tokens=5).read()

    def test_an_empty_message_is_answered(self, generator: Generator) -> None:
        reply = generator.stream([Message("user", "")], max_new_tokens=3).read()
        assert reply.finish in {Finish.STOP, Finish.LENGTH}

    def test_a_prompt_beyond_the_context_is_an_error_that_says_what_to_do(self, generator: Generator) -> None:
        stream = generator.stream([Message("user", "字词" * 20_000)], max_new_tokens=5)
        with pytest.raises(GenerationError, match="Shorten the question"):
            next(stream)
        with pytest.raises(GenerationError, match="Shorten the question"):
            _ = stream.reply

    def test_two_threads_are_both_answered(self, generator: Generator) -> None:
        replies: dict[str, Reply] = {}

        def ask(name: str, messages: list[Message]) -> None:
            replies[name] = generator.stream(messages, max_new_tokens=12).read()

        threads = [threading.Thread(target=ask, args=each) for each in (("sum", SUM), ("count", COUNT))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=300)
        assert replies["sum"].text.strip(" 。") == "2"
        assert replies["count"].text.startswith("1")
        assert replies["count"].finish is Finish.LENGTH
