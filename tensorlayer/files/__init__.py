"""Tensors in files: read and written by suffix, whole or not at all."""

from tensorlayer.files.format import Format
from tensorlayer.files.reading import read_tensors
from tensorlayer.files.suffixes import FORMATS, format_of
from tensorlayer.files.writing import check_target, write_tensors

__all__ = ["FORMATS", "Format", "check_target", "format_of", "read_tensors", "write_tensors"]
