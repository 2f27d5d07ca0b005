// Drawing a token, step by step as muse/nn/sampling.py does it: in 64 bits, in the order of token numbers.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "model.h"

// Number `index` of numpy's Philox4x64-10 stream under a key, in [0, 1).  Source: Salmon et al. 2011, section 3.3.
inline double uniform(uint64_t key, int64_t index) {
  typedef unsigned __int128 Wide;
  uint64_t c[4] = {uint64_t(index / 4) + 1, 0, 0, 0}, k[2] = {key, 0};  // numpy counts up before it draws
  for (int round = 0; round < 10; round++) {
    const Wide left = Wide(0xD2E7470EE14C6C93u) * c[0], right = Wide(0xCA5A826395121157u) * c[2];
    const uint64_t next[4] = {uint64_t(right >> 64) ^ c[1] ^ k[0], uint64_t(right), uint64_t(left >> 64) ^ c[3] ^ k[1],
                              uint64_t(left)};
    std::copy_n(next, 4, c);
    k[0] += 0x9E3779B97F4A7C15u;
    k[1] += 0xBB67AE8584CAA73Bu;
  }
  return double(c[index % 4] >> 11) * 0x1p-53;
}

struct Draw {
  int token;
  double free, masked;  // nats, among all tokens and among the allowed ones
};

// The weight of the last token that is needed to reach `share` of the sum.
inline double nucleus(const double *weights, int count, double share) {
  std::vector<double> falling;
  double total = 0, reached = 0;
  for (int v = 0; v < count; v++)
    if (weights[v] > 0) falling.push_back(weights[v]), total += weights[v];
  std::sort(falling.begin(), falling.end(), std::greater<double>());
  for (double weight : falling)
    if ((reached += weight) >= share * total * (1 - 1e-12)) return weight;
  return falling.back();
}

inline double kth_largest(const double *weights, int count, int k) {
  std::vector<double> falling(weights, weights + count);
  std::nth_element(falling.begin(), falling.begin() + k - 1, falling.end(), std::greater<double>());
  return falling[k - 1];
}

inline Draw draw(const Kernels &kernels, const float *logits, const uint8_t *mask, int count, const MuseSampling &how,
                 double number) {
  float top, highest;
  double all, allowed;
  if (!kernels.totals(logits, mask, count, &top, &all, &highest, &allowed))
    throw Failure{MUSE_NAN, "the logits are not numbers"};
  int token = -1;
  if (how.temperature == 0) {
    for (int v = 0; v < count && token < 0; v++)
      if (mask[v] && logits[v] == highest) token = v;
  } else {
    const int padded = rounded(count, PANEL);
    std::vector<double> weights(padded), sums(padded / PANEL);
    kernels.weigh(logits, mask, count, highest, how.temperature, weights.data());
    double least = how.min_p, total = 0;
    if (how.top_k > 0 && how.top_k < count) {
      const double bound = kth_largest(weights.data(), count, how.top_k);
      for (double &weight : weights) weight = weight < bound ? 0 : weight;
    }
    if (how.top_p < 1) least = std::max(least, nucleus(weights.data(), count, how.top_p));
    for (int block = 0; block < padded / PANEL; block++) {
      double *mine = weights.data() + block * PANEL, part[8] = {};
      for (int i = 0; i < PANEL; i += 8)
        for (int j = 0; j < 8; j++) part[j] += mine[i + j] = mine[i + j] < least ? 0 : mine[i + j];
      for (double one : part) sums[block] += one;
      total += sums[block];
    }
    // Which block of 64 the goal falls into, then which token; rounding may carry it past a block of nothing.
    const double goal = std::min(number * total, std::nextafter(total, 0.0));
    double reached = 0;
    int block = 0, last = -1;
    while (block + 1 < int(sums.size()) && reached + sums[block] <= goal) reached += sums[block++];
    for (int v = block * PANEL; v < padded && token < 0; v++) {
      if (weights[v] > 0) last = v;
      if ((reached += weights[v]) > goal) token = v;
    }
    for (int v = block * PANEL; token < 0 && last < 0; v--) last = weights[v] > 0 ? v : -1;
    if (token < 0) token = last;
  }
  const double chosen = logits[token];
  return {token, chosen - (std::log(all) + top), chosen - (std::log(allowed) + highest)};
}
