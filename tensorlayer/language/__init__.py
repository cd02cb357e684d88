"""The language: labelled tensors, expressions, statements."""
