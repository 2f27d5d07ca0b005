"""Small tensors: one thread is faster than waiting for two."""

import torch

torch.set_num_threads(1)
