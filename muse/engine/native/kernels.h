// What an instruction set provides: products with packed matrices, and attention over pages of keys and values.
#pragma once
#include <cstddef>
#include <cstdint>

#include "engine.h"

constexpr int PANEL = 64;    // outputs that lie side by side in a packed matrix
constexpr int GROUP = 64;    // inputs that share a scale in int8
constexpr int PAGE = 64;     // tokens in a page of the cache
constexpr int BLOCK = 16;    // tokens whose keys lie interleaved in a page
constexpr int MOST_ROWS = 64;  // rows of one product

// A packed matrix: for each panel of 64 outputs, by storage,
//   fp32, fp16: [inputs][64];  bf16: [inputs / 2][64][2];
//   int8: for each group [16][64][4] numbers, 64 bf16 scales, and 64 int16 sums of the numbers.
struct Matrix {
  const uint8_t *data = nullptr;
  int storage = MUSE_FP32;
  int outputs = 0, inputs = 0;  // padded to 64
  size_t panel = 0;             // bytes
};

constexpr size_t GROUP_BYTES = PANEL * GROUP + PANEL * 4;

inline size_t panel_bytes(int storage, int inputs) {
  if (storage == MUSE_INT8) return size_t(inputs) / GROUP * GROUP_BYTES;
  return size_t(inputs) * PANEL * (storage == MUSE_FP32 ? 4 : 2);
}

// Rows ready to be multiplied: fp32 as they are, and bf16 or quantised where the storage asks for it.
struct Rows {
  const float *x;
  uint16_t *bf16;
  uint8_t *bytes;
  float *scales;
  int inputs;  // padded; rows lie so far apart (scales: inputs / 64)
};

// One head of one query over the pages of its lane.
struct Look {
  const float *q;                // (head) scaled
  const uint8_t *const *pages;   // each at this layer and head
  int tokens;
  const int32_t *down, *along;   // (tokens rounded up to 16) indices into the tables; 0 past the last
  const float *row_bias, *col_bias;
  float *scores;                 // room for tokens, rounded up to 16
  float *out;                    // (padded head)
  int head;                      // padded to 16
};

struct Kernels {
  const char *name;
  // Fill the fields of rows [first, last) that this storage is multiplied from.
  void (*prepare)(const Rows &, int storage, int first, int last);
  // y[r][64 first … 64 last) = or += rows · matrix, y with `stride` numbers a row.
  void (*product)(const Matrix &, const Rows &, int rows, int first, int last, float *y, size_t stride, bool add);
  void (*attend)(const Look &, int cache);
  void (*swiglu)(const float *gate, const float *up, float *out, int count);
  // Sum of e^(x - top) over all, and over those with a mask; tops too. False where a number is not one.
  bool (*totals)(const float *x, const uint8_t *mask, int count, float *top, double *all, float *masked_top,
                 double *masked);
  // weights: (count) e^((x - top) / temperature) in 64 bits where there is a mask, 0 elsewhere; count rounded up to 64.
  void (*weigh)(const float *x, const uint8_t *mask, int count, float top, double temperature, double *weights);
};

// Bytes of one head's keys and values of a page: keys [4][head][16], values [64][head], and for int8 a scale of each.
inline size_t page_head_bytes(int cache, int head) {
  size_t size = cache == MUSE_FP32 ? 4 : cache == MUSE_BF16 ? 2 : 1;
  return size * 2 * PAGE * head + (cache == MUSE_INT8 ? 2 * PAGE * 4 : 0);
}

const Kernels *kernels_generic();
const Kernels *kernels_avx2();
const Kernels *kernels_avx512();
const Kernels *kernels_avx512bf16();
const Kernels *kernels_amx();
