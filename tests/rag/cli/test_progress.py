import io
import time
from contextlib import suppress

from rag.progress import TerminalProgress, no_progress


class Screen(io.StringIO):
    """A terminal that remembers what was written to it."""

    def isatty(self):
        return True


def last_lines(stream):
    """What stands on the screen: of each line what was drawn over it last."""
    return [line.rpartition("\r")[2].strip() for line in stream.getvalue().split("\n")]


def test_each_stage_ends_as_a_full_bar_on_a_line_of_its_own():
    screen = Screen()
    with TerminalProgress(screen) as progress:
        for done in (0, 2, 4):
            progress("[1/2] 甲.txt", done, 4, unit="passages")
        progress("[2/2] 乙.txt", 1, 1, unit="files")
    first, second, rest = last_lines(screen)
    assert first.startswith("[1/2] 甲.txt: 100%")
    assert "4/4" in first
    assert second.startswith("[2/2] 乙.txt: 100%")
    assert rest == ""


def test_a_bar_shows_the_work_that_is_done_and_what_is_left():
    screen = Screen()
    progress = TerminalProgress(screen)
    progress("answering", 0, 10, unit="question")
    progress("answering", 3, 10, unit="question")
    progress.close()
    assert last_lines(screen)[0].startswith("answering:  30%")
    assert "3/10" in last_lines(screen)[0]


def test_bytes_are_shown_in_readable_units():
    screen = Screen()
    with TerminalProgress(screen) as progress:
        progress("Fetching", 0, 2_000_000, unit="B")
        progress("Fetching", 2_000_000, 2_000_000, unit="B")
    assert "2.00M/2.00M" in last_lines(screen)[0]


def test_what_was_there_before_is_done_but_does_not_count_for_the_pace():
    screen = Screen()
    with TerminalProgress(screen) as progress:
        progress("answering", 9_000, 10_000, unit="question")
        assert progress._bar.initial == 9_000
        progress("answering", 9_001, 10_000, unit="question")
    assert "9001/10000" in last_lines(screen)[0].replace(",", "")


def test_a_total_that_is_learnt_later_is_taken_over():
    screen = Screen()
    with TerminalProgress(screen) as progress:
        progress("Joining", 1, 2)
        progress("Joining", 2, 4)
        progress("Joining", 4, 4)
    assert "4/4" in last_lines(screen)[0]


def test_a_stage_that_begins_again_gets_a_new_bar():
    screen = Screen()
    with TerminalProgress(screen) as progress:
        progress("Embedding", 3, 4)
        progress("Embedding", 0, 9)
        progress("Embedding", 9, 9)
    assert [line.split()[0] for line in last_lines(screen)[:2]] == ["Embedding:", "Embedding:"]
    assert "3/4" in last_lines(screen)[0]
    assert "9/9" in last_lines(screen)[1]


def test_an_error_leaves_a_finished_line():
    screen = Screen()
    with suppress(ZeroDivisionError), TerminalProgress(screen) as progress:
        progress("Embedding", 1, 4)
        progress("Embedding", 2, 4 // 0)
    assert screen.getvalue().endswith("\n")


def test_nothing_to_do_is_no_error():
    screen = Screen()
    with TerminalProgress(screen) as progress:
        progress("answering", 0, 0, unit="question")
    assert last_lines(screen)[0].startswith("answering: ")


def test_what_is_no_terminal_gets_each_stage_once(capsys):
    with TerminalProgress() as progress:
        for done in range(21):
            progress("Embedding", done, 20)
            time.sleep(0.02)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("Embedding") == 2  # its beginning and its end
    assert "20/20" in captured.err


def test_listening_to_nothing_is_allowed():
    assert no_progress("Embedding", 1, 2, unit="passages") is None
