"""Every pattern of a statement, differentiated: against central differences and against torch."""

from __future__ import annotations

import pytest

from tests.tensorlayer.gradient.differences import assert_close, by_differences, by_torch, read, sample, symbolic

SHAPES = {"x": (3,), "y": (4,), "A": (3, 4), "B": (4, 2), "M": (3, 3), "T": (2, 3, 4), "U": (2, 4, 3), "s": ()}
#: Patterns that mean the same for complex elements.
PATTERNS = {
    "copy": 'R[""] = x["i"]',
    "scalar": 'R[""] = s[""] * s[""] * x["i"]',
    "diagonal": 'R[""] = x["i"] * M["i,i"]',
    "trace": 'R[""] = M["i,i"] * M["j,j"]',
    "diagonal used with the matrix": 'R[""] = x["i"] * M["i,i"] * M["i,j"] * M["j,j"]',
    "transpose": 'R[""] = M["i,j"] * M["j,i"]',
    "matrix product": 'R[""] = A["i,k"] * B["k,j"] * A["i,k"]',
    "batched product": 'C["b,i,j"] = T["b,i,k"] * U["b,k,j"]; R[""] = C["b,i,i"] * C["b,i,j"]',
    "several operands": 'R[""] = x["i"] * A["i,k"] * B["k,l"] * B["m,l"] * y["m"]',
    "one operand many times": 'R[""] = M["i,j"] * M["j,k"] * M["k,l"] * M["l,i"]',
    "outer product": 'C["i,j"] = x["i"] * y["j"]; R[""] = C["i,j"] * C["i,j"] * A["i,j"]',
    "sum of others": 'R[""] = A["i,j"] * x["i"] * y["k"]',
    "sum of terms": 'R[""] = A["i,k"] * y["k"] + x["i"] - 2.0 * (x["i"] * x["i"] - y["k"])',
    "sum in a product": 'R[""] = (x["i"] - 3.0 * M["i,i"]) * (x["i"] + A["i,j"] * x["i"])["i"]',
    "scalar beside a sum": 'R[""] = (x["i"] * x["i"] + 2.0)["i"] * (1.0 - x["i"])',
    "closing": 'R[""] = (A["i,k"] * y["k"])["i"] * (A["i,k"] * y["k"])["i"]',
    "relabelling": 'R[""] = (A["i,k"] * B["k,j"])["i,j"]["p,q"] * A["p,m"] * B["m,q"]',
    "diagonal of a closing": 'R[""] = (M["i,k"] * M["k,j"])["i,j"]["p,p"] * x["p"]',
    "quotient": 'R[""] = A["i,j"] / A["i,j"] + A["i,j"] * x["i"] / (y["j"] * A["i,j"])["i,j"]',
    "late denominator": 'C["i"] = A["i,k"] * y["k"] / x["i"]; R[""] = C["i"] * x["i"] * C["i"]',
    "denominator in the sum": 'R[""] = A["i,k"] / y["k"] * M["i,j"]',
    "powers": 'R[""] = x["i"] ** 2 + x["i"] ** 3 + x["i"] ** -1 + x["i"] ** 1 + x["i"] ** 0',
    "sum and mean over labels": 'R[""] = sum(A["i,j"] * x["i"], over="j") * x["i"] + mean(A["i,j"], over="i") * y["j"]',
    "product over a label": 'R[""] = prod(A["i,j"], over="j") * x["i"] + prod(M["i,j"], over="i,j")',
    "chips": 'R[""] = A["i", 1] * A["i", -1] * M[0, "i"]',
    "slices": 'C = A[::2, 3:0:-1]; R[""] = C["i,j"] * C["i,j"] * A[1:, 1:]["i,j"]',
    "standard index": 'R[""] = A[None, ..., 1]["b,i"] * x["i"] * M[:, 0]["i"]',
    "update of a part": 'C["i,j"] = M["i,j"] * M["i,j"]; C[0, :2] = y[1:3]; R[""] = C["i,j"] * M["j,i"]',
    "update by a chip": 'C["i,j"] = M["i,j"]; C["i", 1] = x["i"] * x["i"]; R[""] = C["i,k"] * C["k,i"]',
    "accumulation": 'C["i"] = x["i"]; C["i"] += M["i,k"] * C["k"]; C["i"] -= 0.5 * C["i"]; R[""] = C["i"] * C["i"]',
    "assigned twice": 'C["i"] = 2.0 * x["i"]; C["i"] = C["i"] * C["i"]; R[""] = C["i"] * M["i,j"] * C["j"]',
    "concatenation": 'C = concatenate(x, y, x); R[""] = C["i"] * C["i"] * C["i"]',
    "without labels": 'C = (A @ B).T @ M[:, :1] * 2.0 + s - B[:2, :1]; R[""] = C["i,j"] * C["i,j"]',
    "stretched": 'C = A * y - A[0] / s; R[""] = C["i,j"] * A["i,j"]',
    "reductions over axes": 'C = sum(A * A, axis=1) * mean(M, axis=0); R[""] = C["i"] * x["i"]',
    "on demand": 'F = Tensor(lambda i, j: 1.0 + i - 2 * j, shape=(3, 4)); R[""] = F["i,j"] * A["i,j"] * A["i,j"]',
    "constants": 'C = Tensor(np.arange(12.0).reshape(3, 4)); R[""] = C["i,j"] * A["i,j"] * x["i"]',
}
#: Patterns of real elements.
REAL = {
    "softmax": 'C["i,j"] = exp(A["i,j"]) / (exp(A["i,k"]))["i"]; R[""] = C["i,j"] * A["i,j"]',
    "harmonic energy": 'R[""] = 0.5 * x["i"] * (M["i,i"] - x["i"]) ** 2',
    "where": 'R[""] = where(A["i,j"] > 0.4, A["i,j"] ** 2, x["i"] * y["j"])["i,j"] * A["i,j"]',
    "clip": 'R[""] = clip(A["i,j"], -0.6, 0.8) * A["i,j"]',
    "clip between tensors": 'C["i"] = clip(x["i"], A["i", 0], A["i", 0] + 0.5); R[""] = C["i"] * x["i"]',
    "maximum": 'R[""] = maximum(M["i,j"], M["j,i"]) * M["i,j"] + minimum(x["i"], 0.1) * x["i"]',
    "max and min over labels": 'R[""] = max(A["i,j"], over="j") * x["i"] + min(M["i,j"], over="i,j") ** 2',
    "max over axes": 'C = max(A, axis=0) * min(A, axis=0); R[""] = C["j"] * y["j"]',
    "product of all": "R = prod(A) * sum(M)",
    "power of tensors": 'C["i,j"] = abs(A["i,j"]); R[""] = pow(C["i,j"], A["i,j"])',
}


@pytest.mark.parametrize("pattern", [*PATTERNS, *REAL])
def test_real(pattern: str) -> None:
    source = (PATTERNS | REAL)[pattern]
    arrays = sample(read(source, SHAPES))
    found = symbolic(source, arrays)
    assert_close(found, by_torch(source, arrays), 1e-12)
    assert_close(found, by_differences(source, arrays), 1e-7)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_complex(pattern: str) -> None:
    source = PATTERNS[pattern]
    arrays = sample(read(source, SHAPES), "complex128")
    found = symbolic(source, arrays)
    assert_close(found, by_torch(source, arrays), 1e-12)
    assert_close(found, by_differences(source, arrays), 1e-7)


@pytest.mark.parametrize("pattern", ["batched product", "diagonal", "update by a chip", "slices", "softmax"])
def test_every_backend(pattern: str, backend_name: str) -> None:
    source = (PATTERNS | REAL)[pattern]
    arrays = sample(read(source, SHAPES))
    assert_close(symbolic(source, arrays, backend_name), by_torch(source, arrays), 1e-12)
