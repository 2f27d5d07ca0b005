// Compiled once for each instruction set, with MUSE_ISA as its name; see muse/engine/build.py for the flags.
#include "attend.h"
#include "product.h"
#ifdef MUSE_AMX
#include "amx.h"
#endif

#define JOINED_(a, b) a##b
#define JOINED(a, b) JOINED_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

namespace {

void prepare(const Rows &rows, int storage, int first, int last) {
  for (int r = first; r < last; r++) {
    const float *x = rows.x + size_t(r) * rows.inputs;
    if (storage == MUSE_INT8)
      quantise(x, rows.bytes + size_t(r) * rows.inputs, rows.scales + size_t(r) * (rows.inputs / GROUP), rows.inputs);
#if defined(__AVX512BF16__) || defined(MUSE_AMX)
    if (storage == MUSE_BF16)
      for (int k = 0; k < rows.inputs; k++) rows.bf16[size_t(r) * rows.inputs + k] = to_bf16(x[k]);
#endif
  }
}

void product(const Matrix &m, const Rows &rows, int count, int first, int last, float *y, size_t stride, bool add) {
#ifdef MUSE_AMX
  if (m.storage == MUSE_BF16 && count >= AMX_ROWS) return amx_product(m, rows, count, first, last, y, stride, add);
#endif
  switch (m.storage) {
    case MUSE_FP32: return product_of<Single>(m, rows, count, first, last, y, stride, add);
    case MUSE_FP16: return product_of<Half>(m, rows, count, first, last, y, stride, add);
    case MUSE_BF16: return product_of<Brain>(m, rows, count, first, last, y, stride, add);
    default: return product_of<Byte>(m, rows, count, first, last, y, stride, add);
  }
}

const Kernels table = {TEXT(MUSE_ISA), prepare, product, attend, swiglu, totals, weigh};

}  // namespace

const Kernels *JOINED(kernels_, MUSE_ISA)() { return &table; }
