"""An LSTM on crossbars learns which character comes next in Python's own documentation, by several training rules.

Ends with 1 if ideal crossbars do not learn as the floating-point twin does, or if Tiki-Taka is not better than pulses
on the weights where devices are asymmetric.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser

import torch
from contest import add_arguments, hold
from networks import Characters
from samples import Samples

#: Characters of a sample, of which each is predicted from those before.
LENGTH = 32
#: What is not one of these is a blank.
ALPHABET = "\n abcdefghijklmnopqrstuvwxyz0123456789.,:;()'\"_-=*"


def main() -> int:
    """Read what is chosen, and hold the contest."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    add_arguments(parser, samples=2000, epochs=6, rate=0.5)
    choice = parser.parse_args()
    return hold(lambda: Characters(len(ALPHABET)), "LSTM", corpus(), choice)


def corpus() -> Samples:
    """The texts of ``help("topics")``, which every Python brings, cut into samples; every tenth is for testing."""
    from pydoc_data.topics import topics

    text = "\n".join(topics[name] for name in sorted(topics)).lower()
    codes = torch.tensor([max(ALPHABET.find(each), 1) for each in text if each.isascii()])
    x = codes[: (len(codes) - 1) // LENGTH * LENGTH].reshape(-1, LENGTH)
    y = codes[1 : x.numel() + 1].reshape(-1, LENGTH)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    x, y, cut = x[order], y[order], len(x) // 10
    return Samples("Python's topics", x[cut:], y[cut:], x[:cut], y[:cut])


if __name__ == "__main__":
    sys.exit(main())
