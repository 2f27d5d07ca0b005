"""Small tensors: one thread is faster than waiting for two."""

import sys
from pathlib import Path

import torch

torch.set_num_threads(1)
sys.path.insert(0, str(Path(__file__).parent))  # for what these tests share
