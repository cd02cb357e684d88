"""Speed beside other libraries, in one process on the same data: `python -m benchmarks`, or pytest-benchmark."""
