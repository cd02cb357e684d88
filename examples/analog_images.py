"""Networks on crossbars learn to classify pictures, by several training rules, beside their floating-point twin.

Ends with 1 if ideal crossbars do not learn as the twin does, or if Tiki-Taka is not better than pulses on the weights
where devices are asymmetric.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from contest import add_arguments, hold
from networks import lenet, perceptron
from samples import FASHION, pictures

NETWORKS = {"perceptron": perceptron, "lenet": lenet}


def main() -> int:
    """Read what is chosen, and hold the contest."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--network", choices=NETWORKS, default="perceptron", help="(default: %(default)s)")
    parser.add_argument("--data", choices=["fashion", "digits"], default="fashion", help="(default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=FASHION, help="of Fashion-MNIST (default: %(default)s)")
    add_arguments(parser, samples=4000, epochs=5, rate=0.1)
    choice = parser.parse_args()
    samples = pictures(choice.data, choice.folder)
    return hold(lambda: NETWORKS[choice.network](samples.x.shape[-1]), choice.network, samples, choice)


if __name__ == "__main__":
    sys.exit(main())
