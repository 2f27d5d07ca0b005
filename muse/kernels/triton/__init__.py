"""Attention with row and column bias as Triton kernels. All modules in here need triton; `muse.kernels.ops` does not."""
