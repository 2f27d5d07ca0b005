// Products with packed matrices. Every output is summed over the inputs in order, in one chain, so that a row's result
// does not hang on how many rows or threads there are (but for AMX).
#pragma once
#include "kernels.h"
#include "vec.h"

namespace {

constexpr int V = PANEL / W;  // vectors in a panel

#if defined(__AVX512F__)
constexpr int TALL = 6, BROAD = 4, ALONE = 4;  // rows and vectors of a tile; vectors of a tile of one row
#elif defined(__AVX2__)
constexpr int TALL = 5, BROAD = 2, ALONE = 8;
#else
constexpr int TALL = 2, BROAD = 4, ALONE = 8;
#endif
static_assert(V % ALONE == 0 && ALONE % BROAD == 0, "tiles fill a panel");

// Weights come from memory once and in order: what is asked for here is used by the steps to come.
template <int R, class T> INLINE T fetched(const uint8_t *from) {
  __builtin_prefetch(from + (R == 1 ? 8192 : 16384));
  return load<T>(from);
}

struct Single {
  static constexpr int storage = MUSE_FP32;
  template <int R, int N> INLINE void tile(const Matrix &m, const uint8_t *w, int v, const Rows &rows, int r0, Vec (*acc)[N]) {
    const float *x = rows.x + size_t(r0) * rows.inputs;
    for (int k = 0; k < m.inputs; k++) {
      Vec column[N];
      for (int n = 0; n < N; n++)
        column[n] = fetched<R, Vec>(w + (size_t(k) * PANEL + (v + n) * W) * 4);
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        Vec value = splat(x[size_t(r) * rows.inputs + k]);
        for (int n = 0; n < N; n++) acc[r][n] += column[n] * value;
      }
    }
  }
};

struct Half {
  static constexpr int storage = MUSE_FP16;
  template <int R, int N> INLINE void tile(const Matrix &m, const uint8_t *w, int v, const Rows &rows, int r0, Vec (*acc)[N]) {
    const float *x = rows.x + size_t(r0) * rows.inputs;
    for (int k = 0; k < m.inputs; k++) {
      Vec column[N];
      for (int n = 0; n < N; n++) {
        const Halves halves = fetched<R, Halves>(w + (size_t(k) * PANEL + (v + n) * W) * 2);
        column[n] = from_half((const uint16_t *)&halves);
      }
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        Vec value = splat(x[size_t(r) * rows.inputs + k]);
        for (int n = 0; n < N; n++) acc[r][n] += column[n] * value;
      }
    }
  }
};

struct Brain {
  static constexpr int storage = MUSE_BF16;
  template <int R, int N> INLINE void tile(const Matrix &m, const uint8_t *w, int v, const Rows &rows, int r0, Vec (*acc)[N]) {
#if defined(__AVX512BF16__)
    const uint16_t *x = rows.bf16 + size_t(r0) * rows.inputs;
    for (int k = 0; k < m.inputs; k += 2) {
      Words column[N];
      for (int n = 0; n < N; n++) column[n] = fetched<R, Words>(w + size_t(k) * PANEL * 2 + (v + n) * W * 4);
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        Words value = Words{} + load<uint32_t>(x + size_t(r) * rows.inputs + k);
        for (int n = 0; n < N; n++) acc[r][n] = (Vec)_mm512_dpbf16_ps((__m512)acc[r][n], (__m512bh)column[n], (__m512bh)value);
      }
    }
#else
    const float *x = rows.x + size_t(r0) * rows.inputs;
    for (int k = 0; k < m.inputs; k += 2) {
      Vec even[N], odd[N];
      for (int n = 0; n < N; n++) {
        Words pairs = fetched<R, Words>(w + size_t(k) * PANEL * 2 + (v + n) * W * 4);
        even[n] = (Vec)(pairs << 16);
        odd[n] = (Vec)(pairs & 0xffff0000u);
      }
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        Vec first = splat(x[size_t(r) * rows.inputs + k]), second = splat(x[size_t(r) * rows.inputs + k + 1]);
        for (int n = 0; n < N; n++) acc[r][n] = acc[r][n] + even[n] * first + odd[n] * second;
      }
    }
#endif
  }
};

// Four products of bytes a lane, summed to 32 bits. Rows are stored as q + 128 where the instruction wants them unsigned.
#if defined(__AVX512VNNI__)
constexpr bool UNSIGNED = true;
INLINE Ints dot4(Ints sum, Ints weights, Ints x) { return (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)x, (__m512i)weights); }
#elif defined(__AVX2__)
constexpr bool UNSIGNED = false;
INLINE Ints dot4(Ints sum, Ints weights, Ints x) {
  __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8((__m256i)x), _mm256_sign_epi8((__m256i)weights, (__m256i)x));
  return sum + (Ints)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));  // at most 2 · 127 · 127: no pair overflows
}
#else
constexpr bool UNSIGNED = false;
INLINE Ints dot4(Ints sum, Ints weights, Ints x) {
  for (int shift = 0; shift < 32; shift += 8) sum += (weights << (24 - shift) >> 24) * (x << (24 - shift) >> 24);
  return sum;
}
#endif

struct Byte {
  static constexpr int storage = MUSE_INT8;
  template <int R, int N> INLINE void tile(const Matrix &m, const uint8_t *w, int v, const Rows &rows, int r0, Vec (*acc)[N]) {
    const int groups = m.inputs / GROUP;
    for (int g = 0; g < groups; g++, w += GROUP_BYTES) {
      const uint8_t *x = rows.bytes + size_t(r0) * rows.inputs + g * GROUP;
      Ints sums[R][N];
      for (int r = 0; r < R; r++)
        for (int n = 0; n < N; n++) sums[r][n] = Ints{};
      for (int k = 0; k < GROUP; k += 4) {
        Ints column[N];
        for (int n = 0; n < N; n++) column[n] = fetched<R, Ints>(w + k * PANEL + (v + n) * W * 4);
#pragma GCC unroll 8
        for (int r = 0; r < R; r++) {
          Ints value = Ints{} + load<int32_t>(x + size_t(r) * rows.inputs + k);
          for (int n = 0; n < N; n++) sums[r][n] = dot4(sums[r][n], column[n], value);
        }
      }
      for (int n = 0; n < N; n++) {
        const uint8_t *tail = w + PANEL * GROUP;
        Vec scale = from_bf16((const uint16_t *)tail + (v + n) * W);
        typedef int16_t Shorts __attribute__((vector_size(W * 2)));
        Ints offset = UNSIGNED ? __builtin_convertvector(load<Shorts>(tail + PANEL * 2 + (v + n) * W * 2), Ints) * 128 : Ints{};
        for (int r = 0; r < R; r++) {
          Vec value = __builtin_convertvector(sums[r][n] - offset, Vec);
          acc[r][n] += value * scale * rows.scales[size_t(r0 + r) * groups + g];
        }
      }
    }
  }
};

// Rows [r0, r0 + R) by the N vectors of a panel from the v-th on.
template <class S, int R, int N>
INLINE void tile(const Matrix &m, const Rows &rows, int r0, int panel, int v, float *y, size_t stride, bool add) {
  Vec acc[R][N];
  for (int r = 0; r < R; r++)
    for (int n = 0; n < N; n++) acc[r][n] = Vec{};
  S::template tile<R, N>(m, m.data + panel * m.panel, v, rows, r0, acc);
  for (int r = 0; r < R; r++)
    for (int n = 0; n < N; n++) {
      float *to = y + size_t(r0 + r) * stride + size_t(panel) * PANEL + (v + n) * W;
      store(to, add ? acc[r][n] + load<Vec>(to) : acc[r][n]);
    }
}

template <class S>
void product_of(const Matrix &m, const Rows &rows, int count, int first, int last, float *y, size_t stride, bool add) {
  constexpr int R = S::storage == MUSE_INT8 ? (TALL + 1) / 2 : TALL;
  for (int panel = first; panel < last; panel++) {
    const int whole = count == 1 ? 0 : count / R * R;
    for (int v = 0; v < V && whole; v += BROAD)
      for (int r = 0; r < whole; r += R) tile<S, R, BROAD>(m, rows, r, panel, v, y, stride, add);
    int r = whole;
    if constexpr (R > 4)
      for (; r + 4 <= count; r += 4)
        for (int v = 0; v < V; v += BROAD) tile<S, 4, BROAD>(m, rows, r, panel, v, y, stride, add);
    if constexpr (R > 2)
      for (; r + 2 <= count; r += 2)
        for (int v = 0; v < V; v += BROAD) tile<S, 2, BROAD>(m, rows, r, panel, v, y, stride, add);
    for (; r < count; r++)
      for (int v = 0; v < V; v += ALONE) tile<S, 1, ALONE>(m, rows, r, panel, v, y, stride, add);
  }
}

// Quantise each group of 64 to [-127, 127] by its largest number.
INLINE void quantise(const float *x, uint8_t *bytes, float *scales, int inputs) {
  for (int g = 0; g < inputs / GROUP; g++, x += GROUP, bytes += GROUP) {
    Vec top = Vec{};
    for (int k = 0; k < GROUP; k += W) top = larger(top, (Vec)((Ints)load<Vec>(x + k) & 0x7fffffff));
    float most = max_of(top), inverse = most > 0 ? 127.f / most : 0.f;
    scales[g] = most / 127.f;
    for (int k = 0; k < GROUP; k++) {
      float scaled = x[k] * inverse;
      int value = int(scaled + (scaled < 0 ? -0.5f : 0.5f));
      bytes[k] = uint8_t(UNSIGNED ? value + 128 : value);
    }
  }
}

}  // namespace
