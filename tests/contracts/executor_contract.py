"""What every executor must do, as tests: a subclass makes one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rag.errors import DocumentFormatError
from rag.execution import Executor


def doubled(number: int) -> int:
    return 2 * number


def fussy(number: int) -> int:
    if number == 3:
        raise DocumentFormatError("three is no document")
    if number == 5:
        raise ValueError("five")
    return number


def nothing(_: int) -> None:
    return None


class ExecutorContract:
    """Facts about an executor."""

    def executor(self) -> Executor:
        raise NotImplementedError

    def test_results_come_in_the_order_of_the_items(self) -> None:
        outcomes = list(self.executor().map(doubled, range(20)))
        assert [outcome.get() for outcome in outcomes] == [2 * n for n in range(20)]
        assert all(outcome.error is None for outcome in outcomes)

    def test_no_items_give_nothing(self) -> None:
        assert list(self.executor().map(doubled, [])) == []

    def test_an_error_is_a_value_and_the_others_go_on(self) -> None:
        outcomes = list(self.executor().map(fussy, range(8)))
        assert [n for n, outcome in enumerate(outcomes) if outcome.error] == [3, 5]
        assert [outcome.value for outcome in outcomes if not outcome.error] == [0, 1, 2, 4, 6, 7]
        assert isinstance(outcomes[3].error, DocumentFormatError)
        assert str(outcomes[3].error) == "three is no document"
        with pytest.raises(ValueError, match="five"):
            outcomes[5].get()

    def test_a_result_may_be_none(self) -> None:
        assert [outcome.get() for outcome in self.executor().map(nothing, [1, 2])] == [None, None]

    def test_items_are_taken_as_they_are_needed(self) -> None:
        taken: list[int] = []

        def endless() -> Iterator[int]:
            for number in range(10**6):
                taken.append(number)
                yield number

        outcomes = self.executor().map(doubled, endless())
        assert [next(outcomes).get() for _ in range(5)] == [0, 2, 4, 6, 8]
        outcomes.close()
        assert len(taken) < 50

    def test_it_can_be_used_again(self) -> None:
        executor = self.executor()
        for _ in range(2):
            assert [outcome.get() for outcome in executor.map(doubled, [1, 2, 3])] == [2, 4, 6]

    def test_an_error_of_the_items_themselves_is_raised(self) -> None:
        def broken() -> Iterator[int]:
            yield 1
            raise OSError("the list of files is gone")

        with pytest.raises(OSError, match="the list of files is gone"):
            list(self.executor().map(doubled, broken()))


def own_process(_: int) -> int:
    return os.getpid()
