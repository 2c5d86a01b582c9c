"""Words that somebody else wrote, as they stand in a sentence of ours."""


def is_text(words: str) -> bool:
    """Whether UTF-8 can write these words, as all that goes to a browser is written: half a pair of surrogates, which
    JSON and numpy let pass, is no text."""
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_line(words: object, longest: int) -> str:
    """The words in one line of at most `longest` letters, what cannot be written as a question mark."""
    return " ".join(str(words).encode("utf-8", "replace").decode().split())[:longest]
