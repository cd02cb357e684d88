"""Text to syntax tree, by precedence climbing."""

from __future__ import annotations

import ast
from typing import Any, NoReturn, final

from tensorlayer.errors import LabelError, ProgramError
from tensorlayer.labels import Labels
from tensorlayer.text.syntax import (
    Binary,
    Call,
    Name,
    Number,
    Part,
    Source,
    Statement,
    Subscript,
    Target,
    Unary,
)
from tensorlayer.text.tokens import Token, tokenize

__all__ = ["parse"]

#: Infix operators: how tightly they bind, and the function they stand for.
_INFIX = {
    "<": (1, "less"),
    "<=": (1, "less_equal"),
    ">": (1, "greater"),
    ">=": (1, "greater_equal"),
    "==": (1, "equal"),
    "!=": (1, "not_equal"),
    "+": (2, "add"),
    "-": (2, "subtract"),
    "*": (3, "multiply"),
    "/": (3, "divide"),
}
_COMPARES = 1


def parse(text: str) -> tuple[Statement, ...]:
    """Read a program: statements separated by newlines or semicolons.

    Parameters
    ----------
    text : str
        For example ``"dr[i] = r[i] - r0[i]; E[] = 0.5 * k[i] * dr[i]**2"``. Comments begin with ``#``.

    Returns
    -------
    tuple of Statement
        In order.

    Raises
    ------
    ProgramError
        If the text is no program; the message points at the place.
    LabelError
        If labels are malformed, likewise.
    """
    try:
        return _Parser(Source(text)).program()
    except RecursionError:
        raise ProgramError("the program is nested too deeply: name inner parts in statements of their own") from None


@final
class _Parser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.index = 0

    # -- words -----------------------------------------------------------------------------------------------

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    def advance(self) -> Token:
        token = self.here
        self.index += 1
        return token

    def accept(self, text: str) -> Token | None:
        return self.advance() if self.here.kind == "operator" and self.here.text == text else None

    def expect(self, text: str, where: str) -> Token:
        return self.accept(text) or self.fail(f"expected {text!r} {where}")

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        token = token or self.here
        found = repr(token.text) if token.text.strip() else "the end of the statement"
        raise ProgramError(f"{message}, found {found}\n{self.source.point(token.start, token.end)}")

    # -- statements ------------------------------------------------------------------------------------------

    def program(self) -> tuple[Statement, ...]:
        statements = []
        while self.here.kind != "end":
            if self.here.kind == "newline":
                self.advance()
                continue
            statements.append(self.statement())
            if self.here.kind not in ("newline", "end"):
                self.fail("expected an operator or the end of the statement")
        if not statements:
            raise ProgramError("the program is empty: write at least one statement, as C[i,j] = A[i,k] * B[k,j]")
        return tuple(statements)

    def statement(self) -> Statement:
        targets = [self.target()]
        while self.accept(","):
            targets.append(self.target())
        augmented = None
        if self.here.text in ("+=", "-=") and len(targets) == 1:
            augmented = "add" if self.advance().text == "+=" else "subtract"
        else:
            self.expect("=", "after the target")
        right = self.expression()
        return Statement(targets[0].start, right.end, tuple(targets), right, augmented)

    def target(self) -> Target:
        if self.here.kind != "name":
            self.fail("a statement begins with its target, as C[i,j] = ...")
        token = self.advance()
        self.expect("[", f"after the target {token.text!r}: write its labels, as {token.text}[i,j]")
        key = self.key()
        return Target(token.start, self.tokens[self.index - 1].end, token.text, key)

    # -- expressions -----------------------------------------------------------------------------------------

    def expression(self, binds: int = 0) -> Part:
        left = self.signed()
        while self.here.kind == "operator" and self.here.text in _INFIX:
            strength, function = _INFIX[self.here.text]
            if strength <= binds:
                break
            self.advance()
            right = self.expression(strength)
            left = Binary(left.start, right.end, function, left, right)
            if strength == _COMPARES and _INFIX.get(self.here.text, (0,))[0] == _COMPARES:
                self.fail("comparisons do not chain: write logical_and(a < b, b < c)")
        return left

    def signed(self) -> Part:
        sign = self.accept("-") or self.accept("+")
        if sign is None:
            return self.power()
        operand = self.signed() if self.here.text in ("-", "+") else self.power()
        if isinstance(operand, Number) and sign.text == "-":
            return Number(sign.start, operand.end, -operand.value)
        return Unary(sign.start, operand.end, "negative" if sign.text == "-" else "positive", operand)

    def power(self) -> Part:
        base = self.postfix()
        if self.accept("**"):
            exponent = self.signed()
            return Binary(base.start, exponent.end, "pow", base, exponent)
        return base

    def postfix(self) -> Part:
        part = self.primary()
        while self.accept("["):
            key = self.key()
            part = Subscript(part.start, self.tokens[self.index - 1].end, part, key)
        return part

    def primary(self) -> Part:
        token = self.here
        if token.kind == "number":
            self.advance()
            return Number(token.start, token.end, ast.literal_eval(token.text))
        if token.kind == "name":
            self.advance()
            return self.call(token) if self.accept("(") else Name(token.start, token.end, token.text)
        if self.accept("("):
            inner = self.expression()
            self.expect(")", "to close the parenthesis")
            return inner
        return self.fail("expected a tensor, a number, a function or '('")

    def call(self, name: Token) -> Call:
        arguments: list[Part] = []
        over: tuple[str, ...] | None = None
        while not self.accept(")"):
            if self.here.text == "over" and self.tokens[self.index + 1].text == "=":
                self.index += 2
                over = self.over()
            else:
                arguments.append(self.expression())
            if not self.accept(","):
                self.expect(")", f"to close the call of {name.text}")
                break
        end = self.tokens[self.index - 1].end
        return Call(name.start, end, name.text, tuple(arguments), over)

    def over(self) -> tuple[str, ...]:
        if self.here.kind == "string":
            return tuple(map(str, Labels.parse(self.advance().text[1:-1])))
        closing = {"(": ")", "[": "]"}.get(self.here.text)
        if closing is None:
            return (self.advance().text,) if self.here.kind == "name" else self.fail("expected labels after over=")
        self.advance()
        names = []
        while not self.accept(closing):
            if self.here.kind != "name":
                self.fail("expected a label")
            names.append(self.advance().text)
            self.accept(",")
        return tuple(names)

    # -- subscripts ------------------------------------------------------------------------------------------

    def key(self) -> Any:
        """What stands in brackets: labels, or chips among labels, or a standard index."""
        start = self.here
        if self.here.kind == "string":
            text = self.advance().text[1:-1]
            self.expect("]", "after the labels")
            return self.labels(text, start)
        entries: list[Any] = []
        while not self.accept("]"):
            entries.append(self.entry())
            if not self.accept(","):
                self.expect("]", "to close the subscript")
                break
            if self.here.text == "]":
                self.no_label(self.here)
        return "" if not entries else tuple(entries)

    def labels(self, text: str, token: Token) -> str:
        try:
            return str(Labels.parse(text))
        except LabelError as error:
            raise LabelError(f"{error}\n{self.source.point(token.start, token.end)}") from None

    def no_label(self, token: Token) -> NoReturn:
        raise LabelError(
            f"empty label: write labels separated by single commas, as in [i,j]\n"
            f"{self.source.point(token.start, token.end)}"
        )

    def entry(self) -> Any:
        if self.here.kind == "name":
            return self.advance().text
        if self.here.text == ",":
            self.no_label(self.here)
        bounds = [self.integer()]
        while self.accept(":"):
            bounds.append(self.integer())
        if len(bounds) == 1:
            return bounds[0] if bounds[0] is not None else self.fail("expected a label, an integer or a slice")
        return slice(*bounds)

    def integer(self) -> int | None:
        sign = -1 if self.accept("-") else 1
        if self.here.kind == "number" and self.here.text.isdigit():
            return sign * int(self.advance().text)
        return None
