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

struct Weight {
  int token;
  double weight;
};

// The weight of the last token that is needed to reach `share` of the sum.
inline double nucleus(const std::vector<Weight> &kept, double share) {
  std::vector<double> falling;
  double total = 0, reached = 0;
  for (const Weight &one : kept) falling.push_back(one.weight), total += one.weight;
  std::sort(falling.begin(), falling.end(), std::greater<double>());
  for (double weight : falling)
    if ((reached += weight) >= share * total * (1 - 1e-12)) return weight;
  return falling.back();
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
    // What is surely cut by min-p needs no weight; the margin is far wider than the rounding of a logarithm.
    const double floor = how.min_p > 0 ? std::log(how.min_p) - 1e-6 : -INFINITY;
    std::vector<Weight> kept;
    for (int v = 0; v < count; v++) {
      if (!mask[v]) continue;
      const double score = double(logits[v] - highest) / how.temperature;
      if (score >= floor || how.top_k || how.top_p < 1) kept.push_back({v, std::exp(score)});
    }
    double least = how.min_p;
    if (how.top_k > 0 && how.top_k < int(kept.size())) {
      std::vector<double> falling;
      for (const Weight &one : kept) falling.push_back(one.weight);
      std::nth_element(falling.begin(), falling.begin() + how.top_k - 1, falling.end(), std::greater<double>());
      const double bound = falling[how.top_k - 1];
      kept.erase(std::remove_if(kept.begin(), kept.end(), [&](const Weight &one) { return one.weight < bound; }), kept.end());
    }
    if (how.top_p < 1) least = std::max(least, nucleus(kept, how.top_p));
    double total = 0;
    for (Weight &one : kept) {
      if (one.weight < least) one.weight = 0;
      total += one.weight;
    }
    const double goal = std::min(number * total, std::nextafter(total, 0.0));
    double reached = 0;
    for (const Weight &one : kept)
      if ((reached += one.weight) > goal) {
        token = one.token;
        break;
      }
  }
  const double chosen = logits[token];
  return {token, chosen - (std::log(all) + top), chosen - (std::log(allowed) + highest)};
}
