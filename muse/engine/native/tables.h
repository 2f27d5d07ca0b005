// The automaton of muse.constraint.Tables, whose docstring says what each field means; muse/walk.py is the same in Python.
#pragma once
#include <cstring>
#include <memory>
#include <vector>

#include "engine.h"

class Walker {
 public:
  explicit Walker(const MuseTables &tables)
      : t_(tables), state_(tables.begin), open_(tables.open), used_(tables.vocabulary), only_(tables.classes, -1) {
    std::memset(unused_, 0, sizeof unused_);
    for (int v = 0; v < t_.vocabulary; v++)
      for (uint64_t sets = t_.sets[v]; sets; sets &= sets - 1) unused_[__builtin_ctzll(sets)]++;
    auto of_class = std::make_shared<std::vector<uint8_t>>(size_t(t_.classes) * t_.vocabulary);
    for (int v = 0; v < t_.vocabulary; v++) (*of_class)[size_t(t_.klass[v]) * t_.vocabulary + v] = 1;
    of_class_ = of_class;
    std::vector<int> members(t_.classes);
    for (int v = 0; v < t_.vocabulary; v++) only_[t_.klass[v]] = ++members[t_.klass[v]] == 1 ? v : -1;
  }

  bool done() const { return t_.final_[state_]; }
  int row() const { return t_.place[2 * state_]; }
  int col() const { return t_.place[2 * state_ + 1]; }

  // mask: (V,) bytes; returns whether anything is allowed.
  bool mask(uint8_t *mask) const {
    const uint64_t open = still_open();
    const int32_t *plain = t_.plain + size_t(state_) * t_.classes, *bound = t_.bound + size_t(state_) * t_.classes;
    const int count = t_.vocabulary;
    std::memset(mask, 0, count);
    for (int c = 0; c < t_.classes; c++) {
      const uint8_t *members = of_class_->data() + size_t(c) * count;
      if (const int v = only_[c]; v >= 0)
        mask[v] = plain[c] >= 0 || (bound[c] >= 0 && (t_.sets[v] & open));
      else if (plain[c] >= 0)
        for (int v = 0; v < count; v++) mask[v] |= members[v];
      else if (bound[c] >= 0)
        for (int v = 0; v < count; v++) mask[v] |= members[v] & ((t_.sets[v] & open) != 0);
    }
    if (t_.unique[state_]) {
      for (int v = 0; v < count; v++) mask[v] &= used_[v] ^ 1;
      if (t_.spares[state_] && open && !plenty(open))
        for (int v = 0; v < count; v++) mask[v] &= (t_.sets[v] & open) != open;
    }
    if (t_.again[state_] && last_ >= 0 && t_.doubled[last_]) {
      const int c = t_.klass[last_];
      if (plain[c] >= 0 || (bound[c] >= 0 && (t_.sets[last_] & open))) mask[last_] = 1;
    }
    if (t_.offsets && t_.closes[state_]) refuse(mask);
    return std::memchr(mask, 1, t_.vocabulary) != nullptr;
  }

  void advance(int token) {
    const int c = t_.klass[token];
    const uint64_t open = still_open();
    int next = t_.plain[size_t(state_) * t_.classes + c];
    bool remembered = t_.remembers[state_];
    if (next < 0) {
      next = t_.bound[size_t(state_) * t_.classes + c];
      open_ = (open_ & ~t_.scope[state_]) | (open & t_.sets[token]);
      remembered = true;
    }
    if (remembered && !used_[token]) {
      used_[token] = 1;
      for (uint64_t sets = t_.sets[token]; sets; sets &= sets - 1) unused_[__builtin_ctzll(sets)]--;
    }
    if (t_.opens[state_]) sum_ = 0, power_ = 1, length_ = 0;
    if (t_.offsets) {
      power_ *= STEP;
      sum_ += t_.codes[token] * power_;
      length_++;
    }
    last_ = token;
    state_ = next;
  }

 private:
  static constexpr uint64_t STEP = 0x9E3779B97F4A7C15u, MIX = 0xBF58476D1CE4E5B9u;

  uint64_t still_open() const {
    uint64_t found = 0;
    for (uint64_t sets = t_.scope[state_] & (t_.renews[state_] ? ~uint64_t(0) : open_); sets; sets &= sets - 1) {
      const int g = __builtin_ctzll(sets);
      if (unused_[g] >= t_.left[state_]) found |= uint64_t(1) << g;
    }
    return found;
  }

  bool plenty(uint64_t open) const {
    for (uint64_t sets = open; sets; sets &= sets - 1)
      if (unused_[__builtin_ctzll(sets)] > t_.left[state_]) return true;
    return false;
  }

  bool known(uint64_t sum) const {
    sum = (sum ^ (sum >> 31)) * MIX;
    sum = (sum ^ (sum >> 29)) * STEP;
    const uint32_t hash = uint32_t(sum >> 32), bucket = hash >> 16;
    const uint16_t low = uint16_t(hash), *first = t_.low + t_.offsets[bucket], *last = t_.low + t_.offsets[bucket + 1];
    const uint16_t *at = std::lower_bound(first, last, low);
    return at != last && *at == low;
  }

  // Tokens that would end a refused line go, unless none else were left.
  void refuse(uint8_t *mask) const {
    const bool fresh = t_.opens[state_];
    const uint64_t power = (fresh ? 1 : power_) * STEP, sum = fresh ? 0 : sum_, length = (fresh ? 0 : length_) + 1;
    std::vector<int> copies;
    int allowed = 0;
    for (int v = 0; v < t_.vocabulary; v++)
      if (mask[v]) {
        allowed++;
        if (known(sum + t_.codes[v] * power + length)) copies.push_back(v);
      }
    if (int(copies.size()) < allowed)
      for (int v : copies) mask[v] = 0;
  }

  const MuseTables &t_;
  int state_, last_ = -1;
  uint64_t open_, sum_ = 0, power_ = 1, length_ = 0;
  std::vector<uint8_t> used_;                             // (V,)
  std::vector<int> only_;                                 // (C,) the only member of a class, or −1
  std::shared_ptr<const std::vector<uint8_t>> of_class_;  // (C, V), shared by the copies of a walker
  int unused_[64];
};
