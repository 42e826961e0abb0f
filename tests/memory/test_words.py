"""How text becomes words, what they weigh, and how files are cut."""

import pytest

from server.memory.chunks import MAX_CHARACTERS, chunks_of
from server.memory.embedder import VectorInvalid, pack, unpack
from server.memory.hashing import HashEmbedder
from server.memory.lexicon import Lexicon, Related, lexicon
from server.memory.terms import Passage, ask_words, count_words, rarest, weigh
from server.memory.words import pieces, stem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parseHTTPRequest_v2", ["parse", "http", "request", "v", "2"]),
        ("the name of a file", ["name", "file"]),
        ("größe = 1", ["gr", "öß", "e", "1"]),
        ("x" * 41, []),
    ],
    ids=["an identifier", "silent words", "other letters", "no word"],
)
def test_text_is_cut_into_pieces(text, words):
    assert list(pieces(text)) == words


@pytest.mark.parametrize(
    "forms",
    [
        ("delete", "deletes", "deleted", "deleting"),
        ("directory", "directories"),
        ("stop", "stopped", "stopping"),
        ("class", "classes"),
        ("parse", "parser", "parsing"),
    ],
    ids=lambda forms: forms[0],
)
def test_forms_of_a_word_are_one(forms):
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("word", "parts"),
    [("makedirs", ("make", "dirs")), ("filename", ("file", "name")), ("timestamp", ()), ("connection", ())],
)
def test_compounds_are_opened_and_words_are_not(word, parts):
    assert lexicon().words.parts(word) == parts


def test_a_query_brings_related_words_along_for_less():
    known = Lexicon(10, {"remove": 5}, {stem("remove"): [Related("del", 0.1)]})

    wanted = ask_words("removes it", known)

    assert wanted == {stem("remove"): 1.0, "del": pytest.approx(0.3)}


def test_what_a_passage_is_called_counts_more_than_what_stands_in_it():
    known = Lexicon(10, {}, {})

    counts = count_words(Passage("total", "Cart.amount", "shop/basket.py"), known)

    assert counts["amount"] > counts["cart"] > counts["total"]
    assert counts[stem("basket")] == 2


def test_a_mention_in_a_short_text_weighs_more_than_in_a_long_one():
    assert weigh({"a": 1})["a"] > weigh({"a": 1, "b": 200})["a"]


def test_candidates_are_looked_up_by_rare_words_and_never_by_none():
    known = Lexicon(100, {"common": 90, "rare": 1}, {})

    assert rarest({"common": 1.0, "rare": 1.0}, known, contexts=10_000, budget=500) == ["rare"]
    assert rarest({"common": 1.0}, known, contexts=10_000, budget=500) == ["common"]


def test_vectors_of_like_texts_are_near_and_the_same_everywhere():
    embedder = HashEmbedder()
    removing, deleting, drawing = embedder.embed(
        [
            Passage("def f(path): os.unlink(path)", "remove_file"),
            Passage("def g(name): os.remove(name)", "delete_files"),
            Passage("def draw(canvas): canvas.circle(3)", "draw_circle"),
        ]
    )

    query = unpack(embedder.embed_query("delete a file"), embedder.dimension)

    def likeness(vector: bytes) -> float:
        return sum(a * b for a, b in zip(query, unpack(vector, embedder.dimension), strict=True))

    assert likeness(deleting) > likeness(removing) > likeness(drawing)
    assert likeness(embedder.embed_query("delete a file")) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "vector",
    [b"", b"\0" * 6, pack([1.0, float("nan")]), pack([float("inf"), 0.0])],
    ids=["empty", "long", "nan", "inf"],
)
def test_what_is_no_vector_is_refused(vector):
    with pytest.raises(VectorInvalid):
        unpack(vector, 2)


PYTHON = '''import os


class Cart:
    """Holds what is bought."""

    limit = 10

    @property
    def total(self):
        def one(item):
            return item.price
        return sum(map(one, self.items))


def empty_all(carts):
    for cart in carts:
        cart.items.clear()
'''

OTHERS = {
    "a.js": "class Cart { total() { return this.items.length } }\nconst emptyAll = (carts) => { carts.clear() }\n",
    "a.ts": "export class Cart { total(): number { return this.items.length } }\n",
    "a.go": "package a\n\nfunc emptyAll(carts []Cart) {\n\tclear(carts)\n}\n",
    "A.java": "class Cart {\n  int total() { return items.size(); }\n}\n",
    "a.php": "<?php\nfunction emptyAll($carts) { foreach ($carts as $cart) { $cart->clear(); } }\n",
    "a.rb": "class Cart\n  def total\n    items.sum(&:price)\n  end\nend\n",
}


def test_each_line_of_code_is_in_one_chunk_that_has_its_symbol():
    chunks = chunks_of("cart.py", PYTHON)

    assert [(c.symbol, c.around, c.start_line, c.end_line) for c in chunks] == [
        ("Cart", "", 4, 7),
        ("Cart.total", "Cart", 9, 13),
        ("empty_all", "", 16, 18),
    ]
    assert chunks[1].text.startswith("    @property")


@pytest.mark.parametrize("path", OTHERS)
def test_other_languages_are_cut_by_symbol_too(path):
    assert {c.symbol for c in chunks_of(path, OTHERS[path])} & {"Cart.total", "emptyAll"}


def test_prose_is_cut_by_its_headings():
    text = "# Shop\n\nSells many things.\n\n## Cart\n\n```\n# no heading, a comment\n```\nHolds what is bought.\n"

    assert [(c.kind, c.symbol, c.start_line) for c in chunks_of("README.md", text)] == [
        ("prose", "Shop", 1),
        ("prose", "Shop / Cart", 5),
    ]


def test_what_has_no_names_is_cut_by_lines():
    chunks = chunks_of("query.sql", "\n".join(f"select {n} from some_table;" for n in range(150)))

    assert [(c.start_line, c.end_line) for c in chunks] == [(1, 60), (61, 120), (121, 150)]


@pytest.mark.parametrize(
    "text",
    ["", "\0\0\0", ")" * 100, "x" * 10**6, "# " * 10**5, "a\n" * 10**5],
    ids=["empty", "nul", "brackets", "long", "#", "lines"],
)
def test_odd_files_cost_little_and_break_nothing(text):
    for path in ("a.py", "a.md", "a"):
        assert all(len(c.text) <= MAX_CHARACTERS + 1 and "\0" not in c.text for c in chunks_of(path, text))
