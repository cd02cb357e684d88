"""Every function that the text of a kernel may call. Imported by generated kernels only: it imports numba."""

from backends.numba.division import *  # noqa: F403
from backends.numba.exponential import *  # noqa: F403
from backends.numba.halves import *  # noqa: F403
from backends.numba.helping import *  # noqa: F403
from backends.numba.intrinsics import *  # noqa: F403
from backends.numba.logarithm import *  # noqa: F403
from backends.numba.power import *  # noqa: F403
from backends.numba.streams import *  # noqa: F403
from backends.numba.trigonometric import *  # noqa: F403
