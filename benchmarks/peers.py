"""Peers at the shape of a muse transformer: a plain PyTorch one, Hugging Face generate, llama.cpp with random weights.

Each decoding peer is a function (batch, tokens, seed) that draws so many tokens for each of `batch` requests at
temperature 1 from the whole vocabulary, after a prompt of one token, and returns how many were drawn.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse.nn.shape import TransformerSettings

Decode = Callable[[int, int, int], int]
GGUF_TYPES = {"f32": 0, "f16": 1, "q8_0": 7}


class Plain(nn.Module):
    """What one writes in an afternoon: RMSNorm, rotary positions, `scaled_dot_product_attention`, SwiGLU, tied head.

    The shape is that of a muse transformer; projections are fused, and keys and values lie in one allocation, so that
    it is a fair peer; there is no grid, no constraint and no compilation.
    """

    turn: Tensor

    def __init__(self, shape: TransformerSettings) -> None:
        super().__init__()
        self.shape, width, inner = shape, shape.width, shape.inner
        self.tokens = nn.Embedding(shape.vocabulary, width)
        linears = ((width, 3 * width), (width, width), (width, 2 * inner), (inner, width))
        self.layers = nn.ModuleList(
            nn.ModuleList(nn.Linear(*size, bias=False) for size in linears) for _ in range(shape.layers)
        )
        self.gains = nn.Parameter(torch.ones(2 * shape.layers + 1, width))
        nn.init.normal_(self.tokens.weight, std=0.02)
        half = torch.arange(0, width // shape.heads, 2) / (width // shape.heads)
        angle = torch.arange(shape.context)[:, None] * 10000.0**-half
        self.register_buffer("turn", torch.stack((angle.cos(), angle.sin())))

    def forward(self, tokens: Tensor, cache: Tensor | None = None, start: int = 0) -> Tensor:
        """logits: (B, T, V); tokens: (B, T); cache: (L, 2, B, H, S, K), filled from `start` on."""
        batch, time = tokens.shape
        x = self.tokens(tokens)
        blocks: Any = self.layers
        for number, (qkv, out, gate_up, down) in enumerate(blocks):
            mixed = qkv(self.norm(x, 2 * number)).view(batch, time, 3, self.shape.heads, -1).permute(2, 0, 3, 1, 4)
            q, k, v = self.rotate(mixed[0], start), self.rotate(mixed[1], start), mixed[2]
            if cache is not None:
                cache[number, 0, :, :, start : start + time], cache[number, 1, :, :, start : start + time] = k, v
                k, v = cache[number, 0, :, :, : start + time], cache[number, 1, :, :, : start + time]
            seen = F.scaled_dot_product_attention(q, k, v, is_causal=time > 1)
            x = x + out(seen.transpose(1, 2).flatten(2))
            gate, up = gate_up(self.norm(x, 2 * number + 1)).chunk(2, -1)
            x = x + down(F.silu(gate) * up)
        return F.linear(self.norm(x, -1), self.tokens.weight)

    def norm(self, x: Tensor, number: int) -> Tensor:
        return F.rms_norm(x, x.shape[-1:], self.gains[number], 1e-6)

    def rotate(self, x: Tensor, start: int) -> Tensor:
        cos, sin = self.turn[:, start : start + x.shape[2]]
        first, second = x.chunk(2, -1)
        return torch.cat((first * cos - second * sin, first * sin + second * cos), -1)

    def new_cache(self, batch: int, room: int) -> Tensor:
        s, like = self.shape, self.tokens.weight
        return like.new_empty(s.layers, 2, batch, s.heads, room, s.width // s.heads)

    @torch.inference_mode()
    def decode(self, batch: int, count: int, seed: int) -> int:
        torch.manual_seed(seed)
        cache = self.new_cache(batch, count + 1)
        tokens = torch.zeros(batch, 1, dtype=torch.int64)
        for step in range(count):
            tokens = draw(self(tokens, cache, step)[:, -1])
        return batch * count


def draw(logits: Tensor) -> Tensor:
    """(B, 1) tokens at temperature 1, for logits: (B, V)."""
    return torch.multinomial(torch.softmax(logits.float(), -1), 1)


def plain(shape: TransformerSettings, dtype: torch.dtype = torch.float32) -> Decode:
    """Decoding by plain PyTorch in eager mode."""
    torch.manual_seed(0)
    return Plain(shape).to(dtype).eval().decode


def hugging_face_model(shape: TransformerSettings) -> Any:
    """A Llama of transformers at the same shape, random weights in fp32. Raises ImportError where absent."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.width, intermediate_size=shape.inner,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads, max_position_embeddings=shape.context,
        tie_word_embeddings=True, bos_token_id=None, eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    torch.manual_seed(0)
    return LlamaForCausalLM(config).eval()


def hugging_face(shape: TransformerSettings) -> Decode:
    """Decoding by `generate` of transformers. Raises ImportError where absent."""
    model = hugging_face_model(shape)

    def decode(batch: int, count: int, seed: int) -> int:
        torch.manual_seed(seed)
        prompt = torch.zeros(batch, 1, dtype=torch.int64)
        with torch.inference_mode():
            made = model.generate(
                prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=count, do_sample=True, top_k=0
            )
        return int(made[:, 1:].numel())

    return decode


def write_gguf(shape: TransformerSettings, path: Path, kind: str) -> Path:
    """A GGUF file of random weights, head tied. Raises ImportError where the gguf package is absent."""
    import gguf

    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_tokenizer_model("no_vocab")
    writer.add_file_type(GGUF_TYPES[kind])

    def add(name: str, rows: int, columns: int) -> None:
        weight = (random.standard_normal((rows, columns)) * columns**-0.5).astype(np.float32)
        if kind == "q8_0":
            packed = gguf.quants.quantize(weight, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, weight.astype(np.float16 if kind == "f16" else np.float32))

    ones = np.ones(shape.width, np.float32)
    add("token_embd.weight", shape.vocabulary, shape.width)
    writer.add_tensor("output_norm.weight", ones)
    for layer in range(shape.layers):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", ones)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"blk.{layer}.{name}.weight", shape.width, shape.width)
        for name in ("ffn_gate", "ffn_up"):
            add(f"blk.{layer}.{name}.weight", shape.inner, shape.width)
        add(f"blk.{layer}.ffn_down.weight", shape.width, shape.inner)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@cache
def _llama_library() -> tuple[Any, Any]:
    """The C functions, silent; and the callback that keeps them so, which must outlive every model."""
    import llama_cpp

    silent = llama_cpp.llama_log_callback(lambda *_: None)
    llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    return llama_cpp, silent


@contextmanager
def llama(path: Path, threads: int, batch: int, context: int) -> Iterator[Decode]:
    """Decoding by llama.cpp through its C functions: one llama_decode a step and its own sampler, no Python tokenizer.

    Raises ImportError where llama-cpp-python is absent.
    """
    c, _ = _llama_library()
    how: Any = c.llama_model_default_params()
    model = c.llama_model_load_from_file(str(path).encode(), how)
    room: Any = c.llama_context_default_params()
    room.n_ctx, room.n_batch, room.n_ubatch, room.n_seq_max = context * batch, 512, 512, batch
    room.n_threads = room.n_threads_batch = threads
    room.no_perf = True
    context_of = c.llama_init_from_model(model, room)
    if not model or not context_of:
        raise RuntimeError(f"llama.cpp cannot load {path}")
    lanes: Any = c.llama_batch_init(batch, 0, 1)

    def decode(requests: int, count: int, seed: int) -> int:
        assert requests == batch
        c.llama_memory_clear(c.llama_get_memory(context_of), True)
        sampler = c.llama_sampler_init_dist(seed)
        drawn = [0] * batch
        for step in range(count):
            lanes.n_tokens = batch
            for lane in range(batch):
                lanes.token[lane], lanes.pos[lane], lanes.logits[lane] = drawn[lane], step, 1
                lanes.n_seq_id[lane], lanes.seq_id[lane][0] = 1, lane
            if c.llama_decode(context_of, lanes):
                raise RuntimeError("llama.cpp could not decode")
            drawn = [c.llama_sampler_sample(sampler, context_of, lane) for lane in range(batch)]
        c.llama_sampler_free(sampler)
        return batch * count

    try:
        yield decode
    finally:
        c.llama_batch_free(lanes)
        c.llama_free(context_of)
        c.llama_model_free(model)
