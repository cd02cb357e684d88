"""The contract of a backend as a pytest class: subclass it, name the backend, run pytest.

Examples
--------
A whole test module of a package that brings a backend called ``"toy"``::

    from tensorlayer.testing import BackendContract


    class TestToy(BackendContract):
        backend = "toy"
"""

try:
    import pytest
except ImportError as _error:
    raise ImportError(f"tensorlayer.testing needs pytest ({_error}): pip install pytest") from None

# The methods of the contract assert; pytest explains their failures only in modules it is told of first.
pytest.register_assert_rewrite(
    "tensorlayer.testing.contract", "tensorlayer.testing.buffers", "tensorlayer.testing.comparison"
)

from tensorlayer.testing.case import Case, compute  # noqa: E402  # after the assertions are registered
from tensorlayer.testing.comparison import assert_same_elements  # noqa: E402
from tensorlayer.testing.contract import BackendContract  # noqa: E402

__all__ = ["BackendContract", "Case", "assert_same_elements", "compute"]
