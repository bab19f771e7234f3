from rag.errors import DocumentNotFoundError, first_line, no_such_document


def test_the_first_line_of_an_error_is_the_first_that_says_something():
    assert first_line(ValueError("\n  \nbad shape\nframe 1")) == "bad shape"
    assert first_line(KeyError()) == "KeyError"


def test_a_missing_document_is_told_with_ten_names_at_most():
    error = no_such_document("x.txt", [f"{number:04}.txt" for number in range(10_000)])
    assert isinstance(error, DocumentNotFoundError)
    assert str(error) == (
        "The index holds no document 'x.txt'. It holds: 0000.txt, 0001.txt, 0002.txt, 0003.txt, 0004.txt, 0005.txt, "
        "0006.txt, 0007.txt, 0008.txt, 0009.txt and 9,990 more; to list them: youju index --list."
    )
    assert str(no_such_document("x.txt", ["a.txt"])) == "The index holds no document 'x.txt'. It holds: a.txt."
    assert str(no_such_document("x.txt", [])) == "The index holds no document 'x.txt'. It holds: none."
