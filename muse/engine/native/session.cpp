// One pass of tokens through the layers: each is a row of the products, whatever lane it belongs to.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "model.h"

namespace {

constexpr int SLAB = 8;   // pages that are asked for together
constexpr int SMALL = 4;  // rows for which a loop over them is not worth waking a thread

// 1 / root of the mean square; eight sums side by side, which the compiler can keep in a vector.
float root_mean(const float *x, int count) {
  float sums[8] = {};
  int i = 0;
  for (; i + 8 <= count; i += 8)
    for (int j = 0; j < 8; j++) sums[j] += x[i + j] * x[i + j];
  for (; i < count; i++) sums[0] += x[i] * x[i];
  float total = 0;
  for (float sum : sums) total += sum;
  return 1.f / std::sqrt(total / float(count) + 1e-6f);
}

uint16_t bf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return uint16_t((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

// The number at `index` of keys or values in the cache's type; `scale` is 1 but for int8.
void put(uint8_t *block, int cache, size_t index, float value, float scale) {
  if (cache == MUSE_FP32) reinterpret_cast<float *>(block)[index] = value;
  else if (cache == MUSE_BF16) reinterpret_cast<uint16_t *>(block)[index] = bf16(value);
  else reinterpret_cast<int8_t *>(block)[index] = int8_t(std::lrintf(value * scale));
}

float largest(const float *x, int count) {
  float most = 0;
  for (int i = 0; i < count; i++) most = std::max(most, std::fabs(x[i]));
  return most;
}

}  // namespace

MuseSession::MuseSession(MuseModel &m)
    : model(m), page_bytes_(rounded(int(page_head_bytes(m.cache, m.padded_head)), 64) * size_t(m.shape.heads) * m.shape.layers) {
  const auto &s = m.shape;
  const size_t widest = std::max(m.width, m.inner);
  x_.reserve(size_t(MOST_ROWS) * m.width * 4);
  normed_.reserve(MOST_ROWS * widest * 4);
  qkv_.reserve(size_t(MOST_ROWS) * std::max(rounded(3 * s.width, PANEL), 2 * m.inner) * 4);
  hidden_.reserve(MOST_ROWS * widest * 4);
  logits_.reserve(size_t(MOST_ROWS) * m.tokens.outputs * 4);
  bf16_.reserve(MOST_ROWS * widest * 2);
  bytes_.reserve(MOST_ROWS * widest);
  scales_.reserve(MOST_ROWS * widest / GROUP * 4);
}

int MuseSession::open() {
  auto found = std::find_if(lanes.begin(), lanes.end(), [](const Lane &lane) { return !lane.open; });
  if (found == lanes.end()) found = lanes.emplace(lanes.end());
  *found = Lane();
  found->open = true;
  return int(found - lanes.begin());
}

Lane &MuseSession::at(int lane) {
  if (lane < 0 || lane >= int(lanes.size()) || !lanes[lane].open)
    throw Failure{MUSE_BAD, "there is no lane " + std::to_string(lane)};
  return lanes[lane];
}

int MuseSession::fork(int from) {
  at(from);
  const int made = open();
  Lane &old = lanes[from], &lane = lanes[made];
  lane.length = old.length;
  lane.row = old.row;
  lane.col = old.col;
  lane.logits = old.logits;
  lane.kept = old.kept;
  for (size_t i = 0; i < old.pages.size(); i++) {
    if (int(i + 1) * PAGE <= old.length) {  // full: nobody writes into it any more
      lane.pages.push_back(old.pages[i]);
      uses_[old.pages[i]]++;
    } else {
      const int page = new_page();
      std::memcpy(page_at(page, 0, 0), page_at(old.pages[i], 0, 0), page_bytes_);
      lane.pages.push_back(page);
    }
  }
  return made;
}

void MuseSession::close(int lane) {
  for (int page : at(lane).pages)
    if (--uses_[page] == 0) free_.push_back(page);
  lanes[lane] = Lane();
}

int MuseSession::new_page() {
  if (free_.empty()) {
    slabs_.emplace_back();
    slabs_.back().reserve(SLAB * page_bytes_);
    for (int i = SLAB; i-- > 0;) free_.push_back(int(slabs_.size() - 1) * SLAB + i);
    uses_.resize(slabs_.size() * SLAB);
  }
  const int page = free_.back();
  free_.pop_back();
  uses_[page] = 1;
  return page;
}

uint8_t *MuseSession::page_at(int page, int layer, int head) const {
  const size_t block = page_bytes_ / (size_t(model.shape.heads) * model.shape.layers);
  return slabs_[page / SLAB].as<uint8_t>() + page % SLAB * page_bytes_ + (size_t(layer) * model.shape.heads + head) * block;
}

void MuseSession::grow(Lane &lane, int row, int col) {
  if (lane.length % PAGE == 0) lane.pages.push_back(new_page());
  lane.row.push_back(row);
  lane.col.push_back(col);
  lane.length++;
  lane.kept = false;
}

void MuseSession::read(int n, const int32_t *lane, const int32_t *token, const int32_t *row, const int32_t *col,
                       const int32_t *target, double *logprob) {
  std::vector<int> length(lanes.size());
  for (size_t i = 0; i < lanes.size(); i++) length[i] = lanes[i].length;
  for (int i = 0; i < n; i++) {  // all of it is checked before any of it is read
    at(lane[i]);
    if (token[i] < 0 || token[i] >= model.shape.vocabulary || target[i] >= model.shape.vocabulary || target[i] < MUSE_KEEP)
      throw Failure{MUSE_BAD, "token " + std::to_string(token[i]) + " or target " + std::to_string(target[i]) +
                                  " is not in the vocabulary"};
    if (row[i] < 0 || col[i] < 0) throw Failure{MUSE_BAD, "a row or column is negative"};
    if (++length[lane[i]] > model.shape.context)
      throw Failure{MUSE_BAD, "more tokens than the context of " + std::to_string(model.shape.context)};
  }
  for (int start = 0; start < n; start += MOST_ROWS)
    step(std::min(MOST_ROWS, n - start), lane + start, token + start, row + start, col + start, target + start,
         logprob + start);
}

Rows MuseSession::rows(const float *x, int inputs) const {
  return Rows{x, bf16_.as<uint16_t>(), bytes_.as<uint8_t>(), scales_.as<float>(), inputs};
}

template <class Body> void MuseSession::each_row(int n, const Body &body) {
  if (n < SMALL)
    for (int r = 0; r < n; r++) body(r);
  else
    model.pool.run(n, [&](int r, int) { body(r); });
}

// Panels of a chunk: a few chunks a thread, so that one that is kept waiting holds up little.
int MuseSession::share(int panels) const {
  const int parts = model.pool.size() == 1 ? 1 : 4 * model.pool.size();
  return (panels + parts - 1) / parts;
}

void MuseSession::multiply(const Matrix &m, const Rows &from, int n, float *y, size_t stride, bool add) {
  const int panels = m.outputs / PANEL, step = share(panels);
  model.pool.run((panels + step - 1) / step, [&](int chunk, int) {
    model.kernels->product(m, from, n, chunk * step, std::min(panels, (chunk + 1) * step), y, stride, add);
  });
}

void MuseSession::step(int n, const int32_t *lane, const int32_t *token, const int32_t *row, const int32_t *col,
                       const int32_t *target, double *logprob) {
  const auto &s = model.shape;
  lane_of_.assign(lane, lane + n);
  position_.resize(n);
  for (int r = 0; r < n; r++) {
    Lane &one = lanes[lane[r]];
    position_[r] = one.length;
    grow(one, row[r], col[r]);
    longest_ = std::max(longest_, rounded(one.length, 64));
  }
  // Where it grows, nothing of the step is in it yet. A thread's scratch: its pages, then its scores.
  down_.reserve(size_t(MOST_ROWS) * longest_ * 4);
  along_.reserve(size_t(MOST_ROWS) * longest_ * 4);
  scratch_.reserve(size_t(model.pool.size()) * longest_ * (sizeof(void *) + 4));
  embed(n, token, row, col);
  float *x = x_.as<float>(), *normed = normed_.as<float>(), *mixed = qkv_.as<float>(), *hidden = hidden_.as<float>();
  const size_t mixed_stride = rounded(3 * s.width, PANEL);
  for (int layer = 0; layer < s.layers; layer++) {
    const PackedLayer &one = model.layers[layer];
    normalise(n, one.attention_gain.data());
    multiply(one.qkv, rows(normed, model.width), n, mixed, mixed_stride, false);
    each_row(n, [&](int r) { place(one, layer, r); });
    model.pool.run(n * s.heads, [&](int task, int thread) { attend(layer, task / s.heads, task % s.heads, thread); });
    const Rows attended = rows(hidden, model.width);
    each_row(n, [&](int r) { model.kernels->prepare(attended, model.storage, r, r + 1); });
    multiply(one.out, attended, n, x, model.width, true);
    normalise(n, one.feed_gain.data());
    const Rows from = rows(normed, model.width), to = rows(hidden, model.inner);
    const int panels = one.gate.outputs / PANEL;
    const int step = share(panels);
    float *gate = mixed, *up = mixed + size_t(MOST_ROWS) * model.inner;
    model.pool.run((panels + step - 1) / step, [&](int chunk, int) {
      const int first = chunk * step, last = std::min(panels, first + step), at = first * PANEL;
      model.kernels->product(one.gate, from, n, first, last, gate, model.inner, false);
      model.kernels->product(one.up, from, n, first, last, up, model.inner, false);
      for (int r = 0; r < n; r++) {
        const size_t begin = size_t(r) * model.inner + at;
        model.kernels->swiglu(gate + begin, up + begin, hidden + begin, (last - first) * PANEL);
      }
    });
    each_row(n, [&](int r) { model.kernels->prepare(to, model.storage, r, r + 1); });
    multiply(one.down, to, n, x, model.width, true);
  }
  finish(n, lane, target, logprob);
}

void MuseSession::embed(int n, const int32_t *token, const int32_t *row, const int32_t *col) {
  const auto &s = model.shape;
  each_row(n, [&](int r) {
    float *x = x_.as<float>() + size_t(r) * model.width;
    for (int k = 0; k < s.width; k++) x[k] = model.embedded(token[r], k);
    const float scale = root_mean(x, s.width);
    const float *down = model.row_place.data() + size_t(std::min(row[r], s.rows - 1)) * s.width;
    const float *along = model.col_place.data() + size_t(std::min(col[r], s.columns - 1)) * s.width;
    for (int k = 0; k < s.width; k++) x[k] = x[k] * scale + down[k] + along[k];
    const Lane &one = lanes[lane_of_[r]];
    int32_t *rows_apart = down_.as<int32_t>() + size_t(r) * longest_, *cols_apart = along_.as<int32_t>() + size_t(r) * longest_;
    const int furthest = s.rows - 1, half = s.columns - 1;
    for (int t = position_[r] + 1; t < rounded(position_[r] + 1, BLOCK); t++) rows_apart[t] = cols_apart[t] = 0;
    for (int t = 0; t <= position_[r]; t++) {
      rows_apart[t] = std::clamp(row[r] - one.row[t], 0, furthest);
      cols_apart[t] = std::clamp(col[r] - one.col[t], -half, half) + half;
    }
  });
}

void MuseSession::normalise(int n, const float *gain) {
  const Rows to = rows(normed_.as<float>(), model.width);
  each_row(n, [&](int r) {
    const float *x = x_.as<float>() + size_t(r) * model.width;
    float *y = normed_.as<float>() + size_t(r) * model.width;
    const float scale = root_mean(x, model.shape.width);
    for (int k = 0; k < model.shape.width; k++) y[k] = x[k] * scale * gain[k];
    model.kernels->prepare(to, model.storage, r, r + 1);
  });
}

// Turn q and k of a row by their position, and write k and v into the lane's page. q stays where it is.
void MuseSession::place(const PackedLayer &one, int layer, int r) {
  const auto &s = model.shape;
  const int head = model.head, half = head / 2, padded = model.padded_head;
  float *mixed = qkv_.as<float>() + size_t(r) * rounded(3 * s.width, PANEL);
  const int position = position_[r], slot = position % PAGE;
  const float *cos = model.cos.data() + size_t(position) * half, *sin = model.sin.data() + size_t(position) * half;
  const int page = lanes[lane_of_[r]].pages[position / PAGE];
  float *attended = hidden_.as<float>() + size_t(r) * model.width;
  std::fill(attended + s.width, attended + model.width, 0.f);
  for (int h = 0; h < s.heads; h++) {
    for (int part = 0; part < 2; part++) {
      float *x = mixed + part * s.width + h * head;
      const float scale = root_mean(x, head) * (part == 0 ? one.sharpness[h] : 1.f);
      for (int k = 0; k < half; k++) {
        const float first = x[k] * scale, second = x[k + half] * scale;
        x[k] = first * cos[k] - second * sin[k];
        x[k + half] = first * sin[k] + second * cos[k];
      }
    }
    const float *key = mixed + s.width + h * head, *value = mixed + 2 * s.width + h * head;
    uint8_t *keys = page_at(page, layer, h);
    const size_t first = size_t(slot / BLOCK) * padded * BLOCK + slot % BLOCK, values = size_t(PAGE + slot) * padded;
    float key_scale = 1, value_scale = 1;
    if (model.cache == MUSE_INT8) {
      auto *scales = reinterpret_cast<float *>(keys + 2 * PAGE * padded);
      scales[slot] = largest(key, head) / 127.f;
      scales[PAGE + slot] = largest(value, head) / 127.f;
      key_scale = scales[slot] > 0 ? 1.f / scales[slot] : 0.f;
      value_scale = scales[PAGE + slot] > 0 ? 1.f / scales[PAGE + slot] : 0.f;
    }
    for (int k = 0; k < padded; k++) {  // the padding is written too: pages are used again
      put(keys, model.cache, first + size_t(k) * BLOCK, k < head ? key[k] : 0.f, key_scale);
      put(keys, model.cache, values + k, k < head ? value[k] : 0.f, value_scale);
    }
  }
}

void MuseSession::attend(int layer, int r, int h, int thread) {
  const auto &s = model.shape;
  const Lane &lane = lanes[lane_of_[r]];
  auto *mine = scratch_.as<uint8_t>() + size_t(thread) * longest_ * (sizeof(void *) + 4);
  auto **pages = reinterpret_cast<const uint8_t **>(mine);
  Look look;
  look.tokens = position_[r] + 1;
  for (int p = 0; p * PAGE < look.tokens; p++) pages[p] = page_at(lane.pages[p], layer, h);
  alignas(64) float q[512], out[512];
  std::copy_n(qkv_.as<float>() + size_t(r) * rounded(3 * s.width, PANEL) + h * model.head, model.head, q);
  look.q = q;
  look.pages = pages;
  look.down = down_.as<int32_t>() + size_t(r) * longest_;
  look.along = along_.as<int32_t>() + size_t(r) * longest_;
  look.row_bias = model.row_bias.data() + (size_t(layer) * s.heads + h) * s.rows;
  look.col_bias = model.col_bias.data() + (size_t(layer) * s.heads + h) * (2 * s.columns - 1);
  look.scores = reinterpret_cast<float *>(mine + size_t(longest_) * sizeof(void *));
  look.out = out;
  look.head = model.padded_head;
  std::fill(q + model.head, q + model.padded_head, 0.f);
  model.kernels->attend(look, model.cache);
  std::copy_n(out, model.head, hidden_.as<float>() + size_t(r) * model.width + h * model.head);
}

// Logits of the rows that have a target or keep theirs.
void MuseSession::finish(int n, const int32_t *lane, const int32_t *target, double *logprob) {
  const int vocabulary = model.shape.vocabulary;
  std::vector<int> wanted;
  for (int r = 0; r < n; r++)
    if (target[r] != MUSE_SILENT) wanted.push_back(r);
  if (wanted.empty()) return;
  float *x = x_.as<float>();
  for (size_t i = 0; i < wanted.size(); i++)
    if (int(i) != wanted[i]) std::copy_n(x + size_t(wanted[i]) * model.width, model.width, x + i * model.width);
  normalise(int(wanted.size()), model.final_gain.data());
  const size_t stride = model.tokens.outputs;
  multiply(model.tokens, rows(normed_.as<float>(), model.width), int(wanted.size()), logits_.as<float>(), stride, false);
  const std::vector<uint8_t> all(vocabulary, 1);
  for (size_t i = 0; i < wanted.size(); i++) {
    const float *logits = logits_.as<float>() + i * stride;
    const int r = wanted[i];
    if (target[r] == MUSE_KEEP) {
      Lane &one = lanes[lane[r]];
      one.logits.assign(logits, logits + vocabulary);
      one.kept = true;
      continue;
    }
    float top, masked_top;
    double total, masked;
    if (!model.kernels->totals(logits, all.data(), vocabulary, &top, &total, &masked_top, &masked))
      throw Failure{MUSE_NAN, "the logits are not numbers"};
    logprob[r] = double(logits[target[r]]) - (std::log(total) + double(top));
  }
}
