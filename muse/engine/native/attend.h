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

template <class C> INLINE void attend_to(const Look &look) {
  typedef typename C::Element Element;
  constexpr int N = PAGE / W;
  const int head = look.head, pages = (look.tokens + PAGE - 1) / PAGE;
  for (int p = 0; p < pages; p++) {
    const Element *keys = (const Element *)look.pages[p];
    Vec scores[N];
    for (int n = 0; n < N; n++) scores[n] = Vec{};
    for (int k = 0; k < head; k++) {
      Vec q = splat(look.q[k]);
      for (int n = 0; n < N; n++) scores[n] += C::get(keys + k * PAGE + n * W) * q;
    }
    const float *scales = (const float *)(keys + 2 * PAGE * head);
    for (int n = 0; n < N; n++) {
      if (C::scaled) scores[n] *= load<Vec>(scales + n * W);
      const int at = p * PAGE + n * W;
      scores[n] += gather(look.row_bias, look.down + at) + gather(look.col_bias, look.along + at);
      store(look.scores + at, scores[n]);
    }
  }
  for (int t = look.tokens; t < pages * PAGE; t++) look.scores[t] = -INFINITY;
  Vec tops = load<Vec>(look.scores), total = Vec{};
  for (int t = W; t < pages * PAGE; t += W) tops = larger(tops, load<Vec>(look.scores + t));
  const float top = max_of(tops);
  for (int t = 0; t < pages * PAGE; t += W) {
    Vec weight = exp_of(load<Vec>(look.scores + t) - top);
    store(look.scores + t, weight);
    total += weight;
  }
  const float inverse = 1.f / sum_of(total);
  for (int k = 0; k < head; k += PAGE) {
    Vec out[N];
    for (int n = 0; n < N; n++) out[n] = Vec{};
    for (int p = 0; p < pages; p++) {
      const Element *values = (const Element *)look.pages[p] + PAGE * head;
      const float *scales = (const float *)(values + PAGE * head) + PAGE;
      const int count = look.tokens - p * PAGE < PAGE ? look.tokens - p * PAGE : PAGE;
      for (int t = 0; t < count; t++) {
        float weight = look.scores[p * PAGE + t];
        if (C::scaled) weight *= scales[t];
        for (int n = 0; n < N; n++) out[n] += C::get(values + t * head + k + n * W) * splat(weight);
      }
    }
    for (int n = 0; n < N; n++) store(look.out + k + n * W, out[n] * inverse);
  }
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
  const Ints shut = __builtin_convertvector(load<Bytes>(whole ? mask + i : bits), Ints) == 0;
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

double sweep(const void *data, size_t bytes) {
  Vec sums[4] = {};
  const uint8_t *from = (const uint8_t *)data;
  for (size_t i = 0; i + 16 * W <= bytes; i += 16 * W)
    for (int n = 0; n < 4; n++) sums[n] += load<Vec>(from + i + n * 4 * W);
  return sum_of(sums[0] + sums[1]) + sum_of(sums[2] + sums[3]);
}

}  // namespace
