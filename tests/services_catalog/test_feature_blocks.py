"""Features as hashed numbers weigh what scikit-learn's tf-idf weighs by their names."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from services_catalog.feature_blocks import each_two, hashes, joined, learn

TEXTS = ["red red apple", "green apple tree", "red tree house", "a green house in a tree", ""]


def names_of(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("rarest", [1, 2])
def test_the_rows_are_those_of_tf_idf(rarest: int) -> None:
    reference = TfidfVectorizer(analyzer=names_of, sublinear_tf=True, min_df=rarest, dtype=np.float32)
    expected = reference.fit_transform(TEXTS).toarray()
    block, rows = learn([hashes(names_of(text)) for text in TEXTS], rarest)
    assert len(block) == expected.shape[1]
    for name, column in reference.vocabulary_.items():
        place = int(np.searchsorted(block.known, hashes([name])[0]))
        assert np.allclose(rows.toarray()[:, place], expected[:, column])


def test_a_text_alone_is_what_its_row_is() -> None:
    block, rows = learn([hashes(names_of(text)) for text in TEXTS], 1)
    for number, text in enumerate(TEXTS):
        columns, values = block.vector(hashes(names_of(text)))
        alone = np.zeros(len(block), np.float32)
        alone[columns] = values
        assert np.allclose(alone, rows.toarray()[number])


def test_what_is_not_known_weighs_nothing() -> None:
    block, _ = learn([hashes(names_of(text)) for text in TEXTS], 1)
    columns, values = block.vector(hashes(["never", "seen"]))
    assert len(columns) == len(values) == 0
    empty, rows = learn([hashes([]), hashes([])], 1)
    assert len(empty) == 0
    assert rows.shape == (2, 0)
    assert len(empty.vector(hashes(["seen"]))[0]) == 0


def test_pairs_keep_their_order() -> None:
    one, two = hashes(["one"]), hashes(["two"])
    assert joined(one, two)[0] != joined(two, one)[0]
    some = hashes(["a", "b", "c", "d"])
    assert each_two(some).tolist() == [joined(some[[i]], some[[j]])[0] for i in range(4) for j in range(i + 1, 4)]
    assert len(each_two(hashes([]))) == len(each_two(one)) == 0
    many = hashes([f"word {number}" for number in range(1000)])
    assert len(np.unique(each_two(many))) > 0.9998 * 1000 * 999 / 2
