"""The text form of the language: parse, record, run."""

from tensorlayer.text.parser import parse
from tensorlayer.text.program import Program, Results, evaluate_text, program

__all__ = ["Program", "Results", "evaluate_text", "parse", "program"]
