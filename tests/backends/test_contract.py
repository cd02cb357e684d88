from tensorlayer.testing import BackendContract


class TestReference(BackendContract):
    backend = "reference"


class TestNumpy(BackendContract):
    backend = "numpy"


class TestTorch(BackendContract):
    backend = "torch"
