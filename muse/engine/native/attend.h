// Attention of one head of one query, and the other loops of a step.
#pragma once
#include "kernels.h"
#include "vec.h"

namespace {

struct Float32 {
  typedef float Element;
  static constexpr bool scaled = false;
  INLINE Vec get(const float *from) { return load<Vec>(from); }
};
struct Bf16 {
  typedef uint16_t Element;
  static constexpr bool scaled = false;
  INLINE Vec get(const uint16_t *from) { return from_bf16(from); }
};
struct Int8 {
  typedef int8_t Element;
  static constexpr bool scaled = true;
  INLINE Vec get(const int8_t *from) { return from_bytes(from); }
};

constexpr int AHEAD = 4096;  // bytes of keys or values that are asked for before they are used

// Columns [k, k + N · W) of the weighted sum of the values.
template <class C, int N> INLINE void gathered(const Look &look, int k, float inverse) {
  typedef typename C::Element Element;
  const int head = look.head;
  Vec out[N];
  for (int n = 0; n < N; n++) out[n] = Vec{};
  for (int start = 0; start < look.tokens; start += PAGE) {
    const Element *values = (const Element *)look.pages[start / PAGE] + PAGE * head;
    const float *scales = (const float *)(values + PAGE * head) + PAGE;
    const int count = look.tokens - start < PAGE ? look.tokens - start : PAGE;
    for (int t = 0; t < count; t++) {
      const Element *value = values + t * head + k;
      const Vec weight = splat(C::scaled ? look.scores[start + t] * scales[t] : look.scores[start + t]);
      for (int n = 0; n < N; n++) {
        if (n * W * int(sizeof(Element)) % 64 == 0) __builtin_prefetch((const char *)(value + n * W) + AHEAD);
        out[n] += C::get(value + n * W) * weight;
      }
    }
  }
  for (int n = 0; n < N; n++) store(look.out + k + n * W, out[n] * inverse);
}

template <class C> INLINE void attend_to(const Look &look) {
  typedef typename C::Element Element;
  constexpr int N = BLOCK / W;
  const int head = look.head, padded = (look.tokens + BLOCK - 1) / BLOCK * BLOCK;
  for (int start = 0; start < padded; start += BLOCK) {
    const Element *page = (const Element *)look.pages[start / PAGE], *keys = page + start % PAGE * head;
    Vec scores[2][N];
    for (int n = 0; n < N; n++) scores[0][n] = scores[1][n] = Vec{};
    for (int k = 0; k < head; k += 2) {
      for (int line = 0; line < 2 * BLOCK * int(sizeof(Element)); line += 64)
        __builtin_prefetch((const char *)(keys + k * BLOCK) + line + AHEAD);
      const Vec even = splat(look.q[k]), odd = splat(look.q[k + 1]);
      for (int n = 0; n < N; n++) {
        scores[0][n] += C::get(keys + k * BLOCK + n * W) * even;
        scores[1][n] += C::get(keys + (k + 1) * BLOCK + n * W) * odd;
      }
    }
    const float *scales = (const float *)(page + 2 * PAGE * head) + start % PAGE;
    for (int n = 0; n < N; n++) {
      const int at = start + n * W;
      Vec score = scores[0][n] + scores[1][n];
      if (C::scaled) score *= load<Vec>(scales + n * W);
      score += gather(look.row_bias, look.down + at) + gather(look.col_bias, look.along + at);
      store(look.scores + at, score);
    }
  }
  for (int t = look.tokens; t < padded; t++) look.scores[t] = -INFINITY;
  Vec tops = load<Vec>(look.scores), total = Vec{};
  for (int t = W; t < padded; t += W) tops = larger(tops, load<Vec>(look.scores + t));
  const float top = max_of(tops);
  for (int t = 0; t < padded; t += W) {
    Vec weight = exp_of(load<Vec>(look.scores + t) - top);
    store(look.scores + t, weight);
    total += weight;
  }
  const float inverse = 1.f / sum_of(total);
  constexpr int MANY = W == 4 ? 8 : 64 / W;
  int k = 0;
  for (; k + MANY * W <= head; k += MANY * W) gathered<C, MANY>(look, k, inverse);
  for (; k < head; k += BLOCK) gathered<C, N>(look, k, inverse);
}

void attend(const Look &look, int cache) {
  if (cache == MUSE_FP32) attend_to<Float32>(look);
  else if (cache == MUSE_BF16) attend_to<Bf16>(look);
  else attend_to<Int8>(look);
}

void swiglu(const float *gate, const float *up, float *out, int count) {
  for (int i = 0; i < count; i += W) {
    Vec g = load<Vec>(gate + i);
    store(out + i, g / (exp_of(-g) + 1.f) * load<Vec>(up + i));
  }
}

// W numbers from the i-th on, and the same where there is a mask; -infinity elsewhere and past the end.
INLINE void masked_at(const float *x, const uint8_t *mask, int i, int count, Vec *all, Vec *masked) {
  float numbers[W];
  uint8_t bits[W];
  const bool whole = i + W <= count;
  for (int j = 0; j < W && !whole; j++) {
    numbers[j] = i + j < count ? x[i + j] : -INFINITY;
    bits[j] = i + j < count && mask[i + j];
  }
  *all = load<Vec>(whole ? x + i : numbers);
  const Ints shut = widened(whole ? mask + i : bits) == 0;
  *masked = shut ? splat(-INFINITY) : *all;
}

bool totals(const float *x, const uint8_t *mask, int count, float *top, double *all, float *masked_top, double *masked) {
  Vec high = splat(-INFINITY), masked_high = high;
  Ints sound = Ints{} - 1;
  for (int i = 0; i < count; i += W) {
    Vec number, allowed;
    masked_at(x, mask, i, count, &number, &allowed);
    sound &= (number - number == 0) | (number == splat(-INFINITY) & (Ints{} - (i + W > count)));
    high = larger(high, number);
    masked_high = larger(masked_high, allowed);
  }
  *top = max_of(high);
  *masked_top = max_of(masked_high);
  double total = 0, open = 0;
  for (int start = 0; start < count; start += PANEL) {
    Vec first = Vec{}, second = Vec{};
    for (int i = start; i < start + PANEL && i < count; i += W) {
      Vec number, allowed;
      masked_at(x, mask, i, count, &number, &allowed);
      first += exp_of(number - *top);
      second += exp_of(allowed - *masked_top);
    }
    total += sum_of(first);
    open += sum_of(second);
  }
  *all = total;
  *masked = open;
  for (int i = 0; i < W; i++)
    if (!sound[i]) return false;
  return true;
}

void weigh(const float *x, const uint8_t *mask, int count, float top, double temperature, double *weights) {
  const double faster = 1 / temperature;
  for (int start = 0; start < count; start += PANEL) {
    double scores[PANEL];
    for (int i = 0; i < PANEL; i++) {
      const bool there = start + i < count && mask[start + i];
      scores[i] = there ? double(x[start + i] - top) : -INFINITY;
    }
    for (int i = 0; i < PANEL; i += W / 2) {
      Wide score = load<Wide>(scores + i);
      store(weights + start + i, exp_of_wide(temperature == 1 ? score : score * faster));
    }
  }
}

}  // namespace
