"""Random graphs: a plan, with all its passes, gives what the definitions of its operations give."""

from hypothesis import HealthCheck, given, settings

from tensorlayer.backend import get_backend
from tensorlayer.graph import OpGraph
from tensorlayer.options import Options
from tensorlayer.plan import make_plan
from tensorlayer.testing import Case, assert_same_elements, compute
from tensorlayer.testing.strategies import graphs


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=graphs())
def test_plans_of_random_graphs(backend_name: str, case: Case) -> None:
    backend, reference = get_backend(backend_name), get_backend("reference")
    graph = OpGraph(case.sinks)
    inputs = sorted(graph.inputs, key=lambda node: node.key)
    plan = make_plan(graph, inputs, Options(backend=backend_name, check=True))
    results = plan.run(*map(backend.from_numpy, case.operands))
    for actual, expected in zip(results, compute(reference, case.sinks, case.operands), strict=True):
        assert_same_elements(backend.to_numpy(actual), reference.to_numpy(expected))
