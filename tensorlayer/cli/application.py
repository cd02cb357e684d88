"""The commands and their options."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from tensorlayer import __version__
from tensorlayer.backend import backends as table_of_backends
from tensorlayer.cli.assumption import assume_inputs
from tensorlayer.cli.errors import readable_errors
from tensorlayer.cli.inputs import read_inputs
from tensorlayer.cli.progress import shown_progress
from tensorlayer.cli.report import format_shape, report
from tensorlayer.cli.scope import chosen_scope
from tensorlayer.cli.source import read_program
from tensorlayer.files import check_target, write_tensors
from tensorlayer.language.evaluation import compute

__all__ = ["app"]

app = typer.Typer(
    name="tensorlayer",
    help="Write a tensor expression once; let whatever holds the data compute it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ProgramFile = Annotated[
    Path, typer.Argument(metavar="PROGRAM", help="A text file of statements, as energy.tl; - reads standard input.")
]
Inputs = Annotated[
    list[str] | None,
    typer.Option("--input", "-i", metavar="[NAME=]PATH", help=".npz .npy .safetensors or .zarr; may be repeated."),
]
BackendName = Annotated[
    str | None, typer.Option("--backend", "-b", help="A backend that `tensorlayer backends` lists.")
]
Device = Annotated[str | None, typer.Option(help="Device of the backend, as cuda:0.")]
Memory = Annotated[str | None, typer.Option(help='Most memory that a plan may take, as "2 GiB".')]
Shapes = Annotated[
    list[str] | None,
    typer.Option("--shape", metavar="NAME=N,N", help="Extents of an input without data; may be repeated."),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Where to write the results: .npz .npy .safetensors or .zarr.")
]
Processes = Annotated[
    int, typer.Option(min=1, help="Worker processes to start on this machine, for a backend that shares work out.")
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Write a tensor expression once; let whatever holds the data compute it."""
    del version


@app.command()
def backends() -> None:
    """List the backends: version or the pip line that installs it, devices, what it lacks."""
    with readable_errors():
        typer.echo(repr(table_of_backends()))


@app.command()
def run(  # noqa: PLR0917  # typer makes an option of each
    program: ProgramFile,
    inputs: Inputs = None,
    output: Output = None,
    backend: BackendName = None,
    device: Device = None,
    memory: Memory = None,
    processes: Processes = 1,
) -> None:
    """Compute what a program assigns and no later statement reads; print it, or write it to a file."""
    with readable_errors(), chosen_scope(backend, device, memory, processes):
        compiled = read_program(program)
        recorded = compiled.record(**read_inputs(inputs or [], compiled.inputs))
        results = {name: recorded[name] for name in compiled.outputs}
        if output is not None:
            check_target(output, results)
        start = perf_counter()
        with shown_progress() as progress:
            compute([tensor.value for tensor in results.values()], progress)
            arrays = {name: tensor.numpy() for name, tensor in results.items()}
        seconds = perf_counter() - start
        typer.echo(report(results, arrays, seconds, processes))
        if output is not None:
            write_tensors(output, arrays)
            typer.echo(f"written to {output}")


@app.command()
def explain(
    program: ProgramFile,
    inputs: Inputs = None,
    shapes: Shapes = None,
    backend: BackendName = None,
    device: Device = None,
    memory: Memory = None,
) -> None:
    """Print how a program would be computed: passes, order, flops, bytes. Computes nothing."""
    with readable_errors(), chosen_scope(backend, device, memory):
        compiled = read_program(program)
        known = read_inputs(inputs or [], compiled.inputs)
        assumed = assume_inputs(compiled, known, shapes or [])
        if assumed:
            shown = ", ".join(f"{name} {format_shape(array.shape)}" for name, array in assumed.items())
            typer.echo(f"Without data, assuming {shown}; say the extents by --shape NAME=N,N.\n")
        typer.echo(str(compiled.explain(**known, **assumed)))
