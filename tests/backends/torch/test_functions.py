import pytest
import torch

from backends.torch.functions import summed_products


@pytest.mark.parametrize(
    ("left", "right"), [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4))]
)
def test_the_product_of_integers_on_cuda_is_the_matrix_product(left: tuple, right: tuple) -> None:
    a, b = (torch.arange(torch.Size(shape).numel()).reshape(shape) + 1 for shape in (left, right))
    assert torch.equal(summed_products(a, b), torch.matmul(a, b))
