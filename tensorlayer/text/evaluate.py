"""`evaluate` and `explain`: of tensors that are recorded, or of text."""

from __future__ import annotations

from typing import Any

from tensorlayer.errors import ConversionError
from tensorlayer.language.evaluation import compute, plan_for
from tensorlayer.language.expression import Expression
from tensorlayer.language.tensor import Tensor
from tensorlayer.plan.explain import Explanation
from tensorlayer.plan.explain import explain as explain_plan
from tensorlayer.text.program import evaluate_text, program

__all__ = ["evaluate", "explain"]


def evaluate(*what: Any, **inputs: Any) -> Any:
    """Compute recorded tensors together, or run a text program once.

    Parameters
    ----------
    *what : Tensor, or one str
        Tensors to compute as one graph, so that what they share is formed once; or the text of a program.
    **inputs : array or Tensor
        The tensors that the text reads.

    Returns
    -------
    Tensor, tuple of Tensor, or mapping
        The tensors that were given; for text a mapping from target name to tensor.

    Raises
    ------
    ProgramError
        If the text cannot be read, or an input is missing or unknown.
    ConversionError
        If something is neither a tensor nor, alone, a text.

    Examples
    --------
    >>> float(evaluate("dr[i] = r[i] - 1.0; E[] = dr[i]**2", r=[2.0, 3.0])["E"])
    5.0
    """
    if len(what) == 1 and isinstance(what[0], str):
        return evaluate_text(what[0], inputs)
    tensors = [_tensor(one) for one in what]
    compute([tensor.value for tensor in tensors])
    return tensors[0] if len(tensors) == 1 else tuple(tensors)


def explain(*what: Any, **inputs: Any) -> Explanation:
    """How recorded tensors, or a text program, would be computed; computes nothing.

    Parameters
    ----------
    *what : Tensor, or one str
        As for `evaluate`.
    **inputs : array or Tensor
        As for `evaluate`.

    Returns
    -------
    Explanation
        Prints the graph after each pass, the order of contraction, flops, peak bytes, and what runs each step.

    Raises
    ------
    ProgramError, ConversionError
        As for `evaluate`.
    """
    if len(what) == 1 and isinstance(what[0], str):
        return program(what[0]).explain(**inputs)
    values = [_tensor(one).value for one in what]
    plan, _ = plan_for(values)
    return explain_plan(plan)


def _tensor(one: Any) -> Tensor:
    if isinstance(one, Tensor):
        return one
    if isinstance(one, Expression):
        advice = "close it first, as in (expr)['i,j']"
    elif isinstance(one, str):
        advice = "a text stands alone, and its inputs are given by name, as in evaluate(text, a=a)"
    else:
        advice = "wrap it by tensor(...)"
    raise ConversionError(f"expected recorded tensors or one text, got {type(one).__name__}: {advice}")
