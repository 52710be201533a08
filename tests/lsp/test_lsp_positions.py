from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, PositionEncodingKind

from lint_multistage.lsp.positions import Positions
from lint_multistage.text import Source

TEXTS = st.text("a日😀\n\r\t\u2028\x0c\udcff\ud83d\ufeff", max_size=30)


@given(TEXTS, st.sampled_from([*PositionEncodingKind]), st.data())
def test_every_place_is_found_again(text: str, encoding: PositionEncodingKind, data: st.DataObject) -> None:
    offset = data.draw(st.integers(int(text.startswith("\ufeff")), len(text)))
    place = Source.of("", text).position(offset)
    found = Positions(text, encoding).at(place.line, place.column)
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    size = {PositionEncodingKind.Utf8: 1, PositionEncodingKind.Utf16: 2, PositionEncodingKind.Utf32: 4}[encoding]
    codec = "utf-8" if size == 1 else f"{encoding.value}-le"
    before = "".join(lines[: found.line]).encode(codec, "surrogatepass")
    here = lines[found.line].encode(codec, "surrogatepass")[: found.character * size]
    assert before + here == text[:offset].encode(codec, "surrogatepass")


def test_what_is_out_of_range_is_brought_in() -> None:
    positions = Positions("FROM a\nRUN b", None)
    assert positions.at(0, 0) == Position(0, 0)
    assert positions.at(9, 99) == Position(1, 5)
