"""The Triton kernels compiled ahead of time, which needs no GPU. `test_triton.py` runs this in a process of its own."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from muse.kernels.triton.backward import keys_kernel, queries_kernel
from muse.kernels.triton.configs import TABLE, Blocks
from muse.kernels.triton.decode import TILE, join_kernel, split_kernel
from muse.kernels.triton.forward import forward_kernel
from muse.kernels.triton.plan import MANY, plan_kernel

KERNELS = {"forward": forward_kernel, "queries": queries_kernel, "keys": keys_kernel}
SHARED = {80: 99 * 1024, 90: 227 * 1024}
"""Bytes a program may take; sm_86 and sm_89 have less than sm_80 (163 KB) and read the same table."""
CUOBJDUMP = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"

EXACT = {"plan": "*i32", "scale": "fp32", "strides": ("i64",) * 4, "grid_steps": ("i64",) * 6}
FP32 = ("sum_ptr", "delta_ptr", "part_ptr", "row_bias", "col_bias", "row_table", "col_table")
INDICES = ("row_own", "row_other", "segment_own", "segment_other", "rows", "cols", "written_ptr", "length_ptr")


def kind(name: str) -> Any:
    """Type of an argument, by its name."""
    if name in EXACT:
        return EXACT[name]
    if name in FP32:
        return "*fp32"
    if name in INDICES or re.fullmatch("(rows|cols|segments)_[qk]", name):
        return "*i64"
    if name.endswith("_ptr"):
        return "*bf16"
    return ("i64",) * 3 if name.endswith("_steps") else "i32"


def compiled(kernel: Any, hardware: int, constants: dict[str, Any], warps: int = 4, stages: int = 3) -> Any:
    signature = {p.name: kind(p.name) for p in kernel.params if not p.is_constexpr}
    even = [["tt.divisibility", 16]]
    attrs: dict[tuple[int, ...], Any] = {}
    for i, name in enumerate(signature):
        if isinstance(signature[name], str) and signature[name].startswith("*"):
            attrs[i,] = even
        elif name.endswith("_steps") and name != "grid_steps":
            attrs |= {(i, j): even for j in range(3)}
    return triton.compile(
        ASTSource(fn=kernel, signature=signature, constexprs=constants, attrs=attrs),
        target=GPUTarget("cuda", hardware, 32),
        options={"num_warps": warps, "num_stages": stages},
    )


def attention(name: str, hardware: int, rows: int, cols: int) -> Any:
    blocks: Blocks = TABLE[hardware, name, 64, True]
    constants = {
        "ROWS": rows, "COLS": cols, "SEGMENTED": True, "PLANNED": True, "BM": blocks.queries, "BN": blocks.keys,
        "K": 64, "MARK": tl.float16,
    }  # fmt: skip
    return compiled(KERNELS[name], hardware, constants, blocks.warps, blocks.stages)


def spilled(made: Any, folder: Path) -> int:
    """Bytes a thread keeps outside registers."""
    if not CUOBJDUMP.exists():
        pytest.skip("this triton brings no cuobjdump, which tells what is spilled")
    (folder / "kernel.cubin").write_bytes(made.asm["cubin"])
    command = [str(CUOBJDUMP), "--dump-resource-usage", str(folder / "kernel.cubin")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"STACK:(\d+)", told)
    assert found, told
    return int(found[1])


@pytest.mark.parametrize("hardware", [80, 90])
@pytest.mark.parametrize("name", KERNELS)
def test_slots_run_on_the_matrix_units(name: str, hardware: int, tmp_path: Path) -> None:
    made = attention(name, hardware, 64, 32)
    assert ("wgmma.mma_async" in made.asm["ptx"]) == (hardware == 90)
    assert ("mma.sync" in made.asm["ptx"]) == (hardware == 80)
    assert made.metadata.shared <= SHARED[hardware]
    # the kernel that also sums the bias tables keeps a few values of its last step away from the registers
    assert spilled(made, tmp_path) <= (128 if name == "queries" else 0)


def test_gathering_compiles_too() -> None:
    assert attention("queries", 90, -1, -1).metadata.shared <= SHARED[90]


def test_plan_and_decode_compile() -> None:
    flags = {"ROWED": True, "SEGMENTED": True, "QUERIES": True, "BLOCK": 128, "TILE": 64, "MANY": MANY}
    made = [
        compiled(plan_kernel, 90, flags),
        compiled(split_kernel, 90, {"SPLITS": 8, "BN": TILE, "K": 64}),
        compiled(join_kernel, 90, {"SPLITS": 8, "K": 64}, warps=1),
    ]
    assert all(one.metadata.shared <= SHARED[80] for one in made)
    assert "cp.async" in made[1].asm["ptx"]  # the next keys are on their way while these are used
