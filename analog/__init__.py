"""Analog in-memory computing: crossbars of simulated devices."""
