"""The text form of the language: parse, record, run."""

from tensorlayer.text.parser import parse
from tensorlayer.text.program import Program, evaluate_text, program
from tensorlayer.text.results import Results

__all__ = ["Program", "Results", "evaluate_text", "parse", "program"]
