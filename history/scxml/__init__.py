"""SCXML of engagement strategies, without a database: ``writing`` makes it, ``judging`` says what is wrong with any,
``literals`` writes values so that they stay values.
"""

from history.scxml.judging import LONGEST, Problem, problems_of
from history.scxml.literals import BadText, string_literal
from history.scxml.masking import MASK, masked
from history.scxml.writing import Entry, variable_fault, written

__all__ = [
    "LONGEST",
    "MASK",
    "BadText",
    "Entry",
    "Problem",
    "masked",
    "problems_of",
    "string_literal",
    "variable_fault",
    "written",
]
