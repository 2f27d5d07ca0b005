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
    if (t_.codes && t_.closes[state_]) refuse(mask);
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
    if (t_.opens[state_]) line_.clear();
    if (t_.codes) line_.push_back(t_.codes[token]);
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

  static uint64_t mixed(uint64_t word) {
    word = (word ^ (word >> 31)) * MIX;
    word = (word ^ (word >> 29)) * STEP;
    return word ^ (word >> 32);
  }

  // muse.fuse.Fuse.holds
  static bool holds(const MuseFuse &fuse, uint64_t key) {
    const auto cell = [&fuse](uint64_t slot) {
      const uint64_t at = slot * uint64_t(fuse.bits);
      const uint8_t *byte = fuse.cells + (at >> 3);
      return (byte[0] | uint32_t(byte[1]) << 8 | uint32_t(byte[2]) << 16) >> (at & 7);
    };
    const uint64_t first = mixed(key + fuse.seed * STEP), second = mixed(first);
    const uint64_t step = uint64_t(fuse.segment), mask = step - 1;
    const uint64_t begin = ((first >> 32) * (uint64_t(fuse.segments) * step)) >> 32;
    const uint32_t found = uint32_t(second >> 48) ^ cell(begin) ^ cell((begin + step) ^ (first & mask)) ^
                           cell((begin + 2 * step) ^ (first >> 16 & mask)) ^ cell((begin + 3 * step) ^ (second & mask));
    return (found & ((uint32_t(1) << fuse.bits) - 1)) == 0;
  }

  bool known(uint64_t key) const {
    return std::any_of(t_.known, t_.known + t_.fuses, [key](const MuseFuse &fuse) { return holds(fuse, key); });
  }

  static uint64_t key(const uint64_t *codes, size_t count) {
    uint64_t sum = 0, power = 1;
    for (size_t i = 0; i < count; i++) sum += codes[i] * (power *= STEP);
    return sum;
  }

  // Tokens that would end a refused line go, unless none else were left.
  void refuse(uint8_t *mask) const {
    const size_t span = size_t(t_.span), before = t_.opens[state_] ? 0 : line_.size();
    if (before + 1 < span || (before >= span && !known(key(line_.data(), span)))) return;
    const uint64_t sum = key(line_.data() + before + 1 - span, span - 1);
    uint64_t power = STEP;
    for (size_t i = 1; i < span; i++) power *= STEP;
    std::vector<int> copies;
    int allowed = 0;
    for (int v = 0; v < t_.vocabulary; v++)
      if (mask[v]) {
        allowed++;
        if (known(sum + t_.codes[v] * power)) copies.push_back(v);
      }
    if (int(copies.size()) < allowed)
      for (int v : copies) mask[v] = 0;
  }

  const MuseTables &t_;
  int state_, last_ = -1;
  uint64_t open_;
  std::vector<uint64_t> line_;                            // codes of the line so far
  std::vector<uint8_t> used_;                             // (V,)
  std::vector<int> only_;                                 // (C,) the only member of a class, or −1
  std::shared_ptr<const std::vector<uint8_t>> of_class_;  // (C, V), shared by the copies of a walker
  int unused_[64];
};
