"""Whether a figure follows from others by one step of arithmetic, as far as it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations
from math import prod

from rag.answer.figures import Figure, exact_values

_NUMBER = re.compile(r"\d[\d,]*(?:\.(\d+))?")
_SCALES = (Fraction(1), Fraction(100), Fraction(1, 100))  # a share is printed in percent


def follows(result: Figure, operands: Sequence[Figure]) -> bool:
    """Whether a result is the sum, mean, difference, product, quotient or relative change of all
    the operands, rounded to the places that it is printed with."""
    values = [exact_values(operand)[0] for operand in operands]
    wanted, room = exact_values(result)[0], _room(result)
    return any(
        abs(abs(found) * scale - abs(wanted)) <= room
        for found in _outcomes(values)
        for scale in _SCALES
    )


def _room(figure: Figure) -> Fraction:
    """Half of the last printed place, in base units."""
    printed = _NUMBER.search(figure.text)
    if printed is None or not figure.value:
        return Fraction(0)
    number = Fraction(printed[0].replace(",", ""))
    one = exact_values(figure)[0] / number if number else Fraction(0)
    return abs(one) * Fraction(f"0.5e-{len(printed[1] or '')}")


def _outcomes(values: Sequence[Fraction]) -> Iterator[Fraction]:
    if len(values) < 2:
        return
    yield sum(values, Fraction(0))
    yield sum(values, Fraction(0)) / len(values)
    yield prod(values, start=Fraction(1))
    for first, *rest in permutations(values) if len(values) <= 4 else ():
        yield first - sum(rest)
        if all(rest):
            yield first / prod(rest, start=Fraction(1))
            if len(rest) == 1:
                yield (first - rest[0]) / rest[0]
