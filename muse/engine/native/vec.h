// Vectors of W floats for the instruction set that this file is compiled for, and what the kernels do with them.
#pragma once
#include <cstdint>
#include <cstring>
#include <cmath>
#include <initializer_list>

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int W = 16;
#elif defined(__AVX2__)
constexpr int W = 8;
#else
constexpr int W = 4;
#endif

typedef float Vec __attribute__((vector_size(W * 4)));
typedef int32_t Ints __attribute__((vector_size(W * 4)));
typedef uint32_t Words __attribute__((vector_size(W * 4)));
typedef uint16_t Halves __attribute__((vector_size(W * 2)));
typedef int8_t Bytes __attribute__((vector_size(W)));

#define INLINE static inline __attribute__((always_inline))

template <class V> INLINE V load(const void *from) {
  V found;
  std::memcpy(&found, from, sizeof found);
  return found;
}
template <class V> INLINE void store(void *to, V value) { std::memcpy(to, &value, sizeof value); }
INLINE Vec splat(float value) {  // a plain broadcast; Vec{} + value would add, for the sake of -0
#if defined(__AVX512F__)
  return (Vec)_mm512_set1_ps(value);
#elif defined(__AVX2__)
  return (Vec)_mm256_set1_ps(value);
#else
  return Vec{value, value, value, value};
#endif
}

INLINE Vec from_half(const uint16_t *from) {
#if defined(__AVX512F__)
  return (Vec)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
#elif defined(__F16C__)
  return (Vec)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
#else
  Words bits = __builtin_convertvector(load<Halves>(from), Words);
  Vec value = (Vec)((bits & 0x7fffu) << 13) * 0x1p112f;  // right for small numbers too
  return (Vec)((Words)value | (bits & 0x8000u) << 16);
#endif
}
INLINE Vec from_bf16(const uint16_t *from) {
  return (Vec)(__builtin_convertvector(load<Halves>(from), Words) << 16);
}
INLINE Ints widened(const void *bytes) {  // signed; a plain conversion would go number by number
#if defined(__AVX512F__)
  return (Ints)_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)bytes));
#elif defined(__AVX2__)
  return (Ints)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)bytes));
#else
  return __builtin_convertvector(load<Bytes>(bytes), Ints);
#endif
}
INLINE Vec from_bytes(const int8_t *from) { return __builtin_convertvector(widened(from), Vec); }

INLINE uint16_t to_bf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fc0;
  return uint16_t((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

INLINE Vec gather(const float *table, const int32_t *index) {
#if defined(__AVX512F__)
  return (Vec)_mm512_i32gather_ps(_mm512_loadu_si512(index), table, 4);
#elif defined(__AVX2__)
  return (Vec)_mm256_i32gather_ps(table, _mm256_loadu_si256((const __m256i *)index), 4);
#else
  return Vec{table[index[0]], table[index[1]], table[index[2]], table[index[3]]};
#endif
}

INLINE float sum_of(Vec x) {
  float total = 0;
  for (int i = 0; i < W; i++) total += x[i];
  return total;
}
INLINE Vec larger(Vec a, Vec b) { return a > b ? a : b; }
INLINE float max_of(Vec x) {
  float top = x[0];
  for (int i = 1; i < W; i++) top = x[i] > top ? x[i] : top;
  return top;
}

// e^x within 2 units in the last place in [-87, 88]; 0 below, e^88 above. Cody-Waite reduction, Taylor terms to x^6 / 6!.
INLINE Vec exp_of(Vec x) {
  Vec low = splat(-87.3f);
  Ints alive = x >= low;
  x = larger(x, low);
  x = x < 88.f ? x : splat(88.f);
  Vec n = x * 1.44269504f + 0x1.8p23f;  // rounds to the nearest integer, which then stands in the low bits
  Ints whole = (Ints)n;
  n -= 0x1.8p23f;
  x -= n * 0.693145751953125f;
  x -= n * 1.42860682e-6f;
  Vec p = splat(1.f / 720) * x + 1.f / 120;
  p = p * x + 1.f / 24;
  p = p * x + 1.f / 6;
  p = p * x + 0.5f;
  p = p * x + 1.f;
  p = p * x + 1.f;
  Vec power = (Vec)((whole << 23) + (127 << 23));
  return (Vec)((Ints)(p * power) & alive);
}

// The same in 64 bits, for x ≤ 0: within 2 units in the last place; 0 below -700.
typedef double Wide __attribute__((vector_size(W * 4)));
typedef int64_t Longs __attribute__((vector_size(W * 4)));
INLINE Wide exp_of_wide(Wide x) {
  Longs alive = x >= -700.0;
  x = x >= -700.0 ? x : Wide{} - 700.0;
  Wide n = x * 1.4426950408889634 + 0x1.8p52;
  Longs whole = (Longs)n;
  n -= 0x1.8p52;
  x -= n * 0x1.62e42fefap-1;
  x -= n * 0x1.cf79abc9e3b3ap-40;
  Wide p = Wide{} + 1.0 / 6227020800.0;
  for (double factorial : {479001600., 39916800., 3628800., 362880., 40320., 5040., 720., 120., 24., 6., 2., 1., 1.})
    p = p * x + 1.0 / factorial;
  Wide power = (Wide)((whole << 52) + (1023LL << 52));
  return (Wide)((Longs)(p * power) & alive);
}

}  // namespace
