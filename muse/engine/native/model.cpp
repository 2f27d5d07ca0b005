// Packing: from the arrays of a bundle, checked against the shape, to panels of 64 outputs.
#include "model.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

constexpr size_t LARGE = size_t(1) << 21;

void *Buffer::reserve(size_t bytes) {
  if (bytes > size_) {
    const size_t line = bytes < LARGE ? 64 : LARGE, whole = (bytes + line - 1) / line * line;
    void *made = std::aligned_alloc(line, whole);
    if (!made) throw std::bad_alloc();
#ifdef __linux__
    if (line == LARGE) madvise(made, whole, MADV_HUGEPAGE);  // fewer pages to look up while weights are read
#endif
    std::memset(made, 0, whole);
    data_.reset(made);
    size_ = whole;
  }
  return data_.get();
}

namespace {

float half_to_float(uint16_t half) {
  uint32_t bits = (half & 0x7fffu) << 13;
  float value;
  std::memcpy(&value, &bits, 4);
  value *= 0x1p112f;
  if ((half & 0x7c00) == 0x7c00) value = half & 0x3ff ? NAN : INFINITY;
  return half & 0x8000 ? -value : value;
}

uint16_t float_to_half(float value) {  // of numbers that were halves, or are rounded to nearest even
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  const uint16_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return sign | 0x7e00;
  if (bits >= 0x47800000) return sign | 0x7c00;
  if (bits < 0x38800000) {  // below the smallest normal half: let the sum round
    float small;
    std::memcpy(&small, &bits, 4);
    small += 0.5f;
    std::memcpy(&bits, &small, 4);
    return sign | uint16_t(bits - 0x3f000000);
  }
  return sign | uint16_t((bits + 0xfff + (bits >> 13 & 1) - 0x38000000) >> 13);
}

uint16_t float_to_bf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fc0;
  return uint16_t((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

float bf16_to_float(uint16_t half) {
  uint32_t bits = uint32_t(half) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

float number(const MuseArray &from, int64_t index) {
  return from.half ? half_to_float(static_cast<const uint16_t *>(from.data)[index])
                   : static_cast<const float *>(from.data)[index];
}

void check(const MuseArray &from, int64_t count, const char *name) {
  if (!from.data || from.count != count)
    throw Failure{MUSE_BAD, std::string(name) + " holds " + std::to_string(from.data ? from.count : 0) +
                                " numbers, expected " + std::to_string(count)};
}

// 64 inputs of 64 outputs, [k][64] in fp32, to one group of int8.
void pack_bytes(const float *group, uint8_t *to) {
  uint16_t scales[PANEL];
  int16_t sums[PANEL];
  for (int n = 0; n < PANEL; n++) {
    float most = 0;
    for (int k = 0; k < GROUP; k++) most = std::max(most, std::fabs(group[k * PANEL + n]));
    // Rounded up, so that no number passes 127 once it is divided by the scale as it is stored.
    uint16_t scale = float_to_bf16(most / 127.f);
    if (bf16_to_float(scale) * 127.f < most) scale++;
    scales[n] = scale;
    const float step = bf16_to_float(scale);
    int sum = 0;
    for (int k = 0; k < GROUP; k++) {
      const int value = step > 0 ? int(std::lrintf(group[k * PANEL + n] / step)) : 0;
      to[k / 4 * PANEL * 4 + n * 4 + k % 4] = uint8_t(int8_t(value));
      sum += value;
    }
    sums[n] = int16_t(sum);
  }
  std::memcpy(to + PANEL * GROUP, scales, sizeof scales);
  std::memcpy(to + PANEL * GROUP + sizeof scales, sums, sizeof sums);
}

void pack_panel(const float *panel, int inputs, int storage, uint8_t *to) {
  if (storage == MUSE_FP32) std::memcpy(to, panel, size_t(inputs) * PANEL * 4);
  auto *halves = reinterpret_cast<uint16_t *>(to);
  if (storage == MUSE_FP16)
    for (int i = 0; i < inputs * PANEL; i++) halves[i] = float_to_half(panel[i]);
  if (storage == MUSE_BF16)
    for (int k = 0; k < inputs; k++)
      for (int n = 0; n < PANEL; n++) halves[k / 2 * PANEL * 2 + n * 2 + k % 2] = float_to_bf16(panel[k * PANEL + n]);
  if (storage == MUSE_INT8)
    for (int g = 0; g < inputs / GROUP; g++) pack_bytes(panel + g * GROUP * PANEL, to + g * GROUP_BYTES);
}

}  // namespace

MuseModel::MuseModel(const MuseShape &s, const MuseWeights &w, int storage, int cache, int threads, const Kernels *k)
    : shape(s), storage(storage), cache(cache), head(s.width / s.heads), padded_head(rounded(head, BLOCK)),
      width(rounded(s.width, GROUP)), inner(rounded(s.inner, GROUP)), kernels(k), pool(threads) {
  row_place = vector(w.row_place, int64_t(s.rows) * s.width, "row_place");
  col_place = vector(w.col_place, int64_t(s.columns) * s.width, "col_place");
  row_bias = vector(w.row_bias, int64_t(s.layers) * s.heads * s.rows, "row_bias");
  col_bias = vector(w.col_bias, int64_t(s.layers) * s.heads * (2 * s.columns - 1), "col_bias");
  final_gain = vector(w.final_gain, s.width, "final_norm.gain");
  cos = vector(w.cos, int64_t(s.context) * head / 2, "cos");
  sin = vector(w.sin, int64_t(s.context) * head / 2, "sin");
  check(w.tokens, int64_t(s.vocabulary) * s.width, "tokens.weight");
  tokens = pack(w.tokens, 0, s.vocabulary, s.width);
  for (int layer = 0; layer < s.layers; layer++) {
    const MuseLayer &from = w.layers[layer];
    PackedLayer to;
    check(from.gate_up, int64_t(2) * s.inner * s.width, "gate_up");
    check(from.qkv, int64_t(3) * s.width * s.width, "qkv");
    check(from.out, int64_t(s.width) * s.width, "out");
    check(from.down, int64_t(s.width) * s.inner, "down");
    to.qkv = pack(from.qkv, 0, 3 * s.width, s.width);
    to.out = pack(from.out, 0, s.width, s.width);
    to.gate = pack(from.gate_up, 0, s.inner, s.width);
    to.up = pack(from.gate_up, s.inner, s.inner, s.width);
    to.down = pack(from.down, 0, s.width, s.inner);
    to.attention_gain = vector(from.attention_gain, s.width, "attention_norm.gain");
    to.feed_gain = vector(from.feed_gain, s.width, "feed_norm.gain");
    to.sharpness = vector(from.sharpness, s.heads, "sharpness");
    for (float &value : to.sharpness) value /= std::sqrt(float(head));
    layers.push_back(std::move(to));
  }
}

std::vector<float> MuseModel::vector(const MuseArray &from, int64_t count, const char *name) const {
  check(from, count, name);
  std::vector<float> found(count);
  for (int64_t i = 0; i < count; i++) found[i] = number(from, i);
  return found;
}

Matrix MuseModel::pack(const MuseArray &from, int first, int outputs, int inputs) {
  Matrix made;
  made.storage = storage;
  made.outputs = rounded(outputs, PANEL);
  made.inputs = rounded(inputs, GROUP);
  made.panel = panel_bytes(storage, made.inputs);
  const int panels = made.outputs / PANEL;
  held_.emplace_back();
  auto *data = static_cast<uint8_t *>(held_.back().reserve(panels * made.panel));
  made.data = data;
  bytes += panels * made.panel;
  pool.run(panels, [&](int p, int) {
    std::vector<float> panel(size_t(made.inputs) * PANEL);
    const int count = std::min(PANEL, outputs - p * PANEL);
    for (int n = 0; n < count; n++)
      for (int k = 0; k < inputs; k++)
        panel[size_t(k) * PANEL + n] = number(from, int64_t(first + p * PANEL + n) * inputs + k);
    pack_panel(panel.data(), made.inputs, storage, data + p * made.panel);
  });
  return made;
}

float MuseModel::embedded(int token, int k) const {
  const uint8_t *panel = tokens.data + token / PANEL * tokens.panel;
  const int n = token % PANEL;
  const auto *halves = reinterpret_cast<const uint16_t *>(panel);
  switch (storage) {
    case MUSE_FP32: return reinterpret_cast<const float *>(panel)[k * PANEL + n];
    case MUSE_FP16: return half_to_float(halves[k * PANEL + n]);
    case MUSE_BF16: return bf16_to_float(halves[k / 2 * PANEL * 2 + n * 2 + k % 2]);
    default: {
      const uint8_t *group = panel + k / GROUP * GROUP_BYTES;
      uint16_t scale;
      std::memcpy(&scale, group + PANEL * GROUP + n * 2, 2);
      return float(int8_t(group[k % GROUP / 4 * PANEL * 4 + n * 4 + k % 4])) * bf16_to_float(scale);
    }
  }
}
