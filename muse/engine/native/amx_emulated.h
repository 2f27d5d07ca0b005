// The tile instructions that amx.h uses, in plain C++, so that its logic is tested on processors without the unit.
#pragma once
#include <cstdint>
#include <cstring>

namespace {

thread_local uint8_t emulated_tiles[8][16][64];

inline float emulated_bf16(const uint8_t *from) {
  uint32_t bits = uint32_t(from[0]) << 16 | uint32_t(from[1]) << 24;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
inline void _tile_loadconfig(const void *) {}
inline void _tile_release() {}
inline void _tile_zero(int t) { std::memset(emulated_tiles[t], 0, 1024); }
inline void _tile_loadd(int t, const void *from, long stride) {
  for (int r = 0; r < 16; r++) std::memcpy(emulated_tiles[t][r], (const uint8_t *)from + r * stride, 64);
}
inline void _tile_stored(int t, void *to, long stride) {
  for (int r = 0; r < 16; r++) std::memcpy((uint8_t *)to + r * stride, emulated_tiles[t][r], 64);
}
inline void _tile_dpbf16ps(int c, int a, int b) {
  float *sums = (float *)emulated_tiles[c];
  for (int m = 0; m < 16; m++)
    for (int n = 0; n < 16; n++)
      for (int k = 0; k < 32; k++)
        sums[m * 16 + n] += emulated_bf16(emulated_tiles[a][m] + 2 * k) *
                            emulated_bf16(emulated_tiles[b][k / 2] + 4 * n + 2 * (k % 2));
}

}  // namespace
