// bf16 products on the tile unit: two by two tiles of 16 rows and 16 outputs.
//
// 16 outputs of a packed bf16 panel are already the tile that the unit wants: 16 pairs of inputs, 256 bytes apart.
#pragma once
#ifdef MUSE_AMX_EMULATED
#include "amx_emulated.h"
#else
#include <immintrin.h>
#endif

#include "kernels.h"

namespace {

constexpr int AMX_ROWS = 8;  // fewer rows are quicker without tiles

struct TileShapes {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {};
  uint8_t rows[16] = {};
};

void amx_product(const Matrix &m, const Rows &rows, int count, int first, int last, float *y, size_t stride, bool add) {
  TileShapes shapes;
  for (int t = 0; t < 8; t++) shapes.bytes[t] = 64, shapes.rows[t] = 16;
  _tile_loadconfig(&shapes);
  const int steps = m.inputs / 32;
  float block[4][16 * 16];
  for (int panel = first; panel < last; panel++)
    for (int column = 0; column < PANEL; column += 32) {
      const uint8_t *w = m.data + panel * m.panel + column * 4;
      for (int r = 0; r < count; r += 32) {  // rows past `count` lie in the buffer too: their results are left out
        const int lower = r + 16 < count ? r + 16 : r;
        const uint16_t *upper_x = rows.bf16 + size_t(r) * rows.inputs, *lower_x = rows.bf16 + size_t(lower) * rows.inputs;
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        for (int s = 0; s < steps; s++) {
          _tile_loadd(4, upper_x + s * 32, rows.inputs * 2);
          _tile_loadd(5, lower_x + s * 32, rows.inputs * 2);
          _tile_loadd(6, w + size_t(s) * 16 * PANEL * 4, PANEL * 4);
          _tile_loadd(7, w + size_t(s) * 16 * PANEL * 4 + 64, PANEL * 4);
          _tile_dpbf16ps(0, 4, 6);
          _tile_dpbf16ps(1, 4, 7);
          _tile_dpbf16ps(2, 5, 6);
          _tile_dpbf16ps(3, 5, 7);
        }
        _tile_stored(0, block[0], 64);
        _tile_stored(1, block[1], 64);
        _tile_stored(2, block[2], 64);
        _tile_stored(3, block[3], 64);
        for (int part = 0; part < 4; part++) {
          const int top = part < 2 ? r : r + 16;
          for (int i = 0; i < 16 && top + i < count; i++) {
            float *to = y + size_t(top + i) * stride + size_t(panel) * PANEL + column + part % 2 * 16;
            for (int n = 0; n < 16; n++) to[n] = block[part][i * 16 + n] + (add ? to[n] : 0.f);
          }
        }
      }
    }
  _tile_release();
}

}  // namespace
