"""Processes that benchmarks start beside themselves; they import nothing of the benchmarks."""
