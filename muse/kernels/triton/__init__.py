"""Attention with row and column bias as Triton kernels; all but `configs` need triton."""
