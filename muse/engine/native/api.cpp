// The door: sizes are checked here, and nothing is thrown across it.
#include <algorithm>
#include <cstring>
#include <new>

#include "model.h"
#include "sampling.h"
#include "tables.h"
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace {

thread_local std::string last_error;

template <class Body> int guarded(const Body &body) {
  try {
    return body();
  } catch (const Failure &failure) {
    last_error = failure.what;
    return failure.code;
  } catch (const std::bad_alloc &) {
    last_error = "there is not enough memory";
    return MUSE_MEMORY;
  }
}

#if defined(MUSE_WITH_AMX) && !defined(MUSE_AMX_EMULATED)
// Whether the tile unit is there, allowed, and right: muse was made on machines without it.
bool tiles_work() {
  unsigned a = 7, b = 0, c = 0, d = 0;
  __asm__("cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
  if (!(d >> 22 & 1) || !(d >> 24 & 1)) return false;
#ifdef __linux__
  if (syscall(SYS_arch_prctl, 0x1023, 18) != 0) return false;  // ARCH_REQ_XCOMP_PERM for the tiles' data
#else
  return false;
#endif
  constexpr int inputs = 2 * GROUP;
  std::vector<uint16_t> weights(inputs * PANEL), x(MOST_ROWS * inputs);
  std::vector<float> wide(MOST_ROWS * inputs), found(MOST_ROWS * PANEL), expected(MOST_ROWS * PANEL);
  for (size_t i = 0; i < weights.size(); i++) weights[i] = uint16_t(0x3f00 + i * 7 % 256);  // 0.5 … 2 in bf16
  for (size_t i = 0; i < wide.size(); i++) wide[i] = float(int(i * 5 % 17) - 8) / 8.f;
  const Matrix matrix{reinterpret_cast<const uint8_t *>(weights.data()), MUSE_BF16, PANEL, inputs, weights.size() * 2};
  const Rows rows{wide.data(), x.data(), nullptr, nullptr, inputs};
  kernels_amx()->prepare(rows, MUSE_BF16, 0, 20);
  kernels_amx()->product(matrix, rows, 20, 0, 1, found.data(), PANEL, false);
  kernels_generic()->product(matrix, rows, 20, 0, 1, expected.data(), PANEL, false);
  for (int i = 0; i < 20 * PANEL; i++)
    if (!(std::fabs(found[i] - expected[i]) < 1e-3f)) return false;
  return true;
}
#endif

// Compiled in, and had by this processor; best first.
std::vector<const Kernels *> instruction_sets() {
  std::vector<const Kernels *> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  [[maybe_unused]] const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  [[maybe_unused]] const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vnni");
#ifdef MUSE_WITH_AVX512BF16
  [[maybe_unused]] const bool bf16 = avx512 && __builtin_cpu_supports("avx512bf16");
#if defined(MUSE_WITH_AMX) && !defined(MUSE_AMX_EMULATED)
  if (bf16 && tiles_work()) found.push_back(kernels_amx());
#endif
  if (bf16) found.push_back(kernels_avx512bf16());
#endif
#ifdef MUSE_WITH_AVX512
  if (avx512) found.push_back(kernels_avx512());
#endif
#ifdef MUSE_WITH_AVX2
  if (avx2) found.push_back(kernels_avx2());
#endif
#endif
  found.push_back(kernels_generic());
#ifdef MUSE_AMX_EMULATED
  found.push_back(kernels_amx());
#endif
  return found;
}

void need(bool holds, const char *what) {
  if (!holds) throw Failure{MUSE_BAD, what};
}

void check(const MuseTables &t, int vocabulary) {
  need(t.vocabulary == vocabulary, "the tables are of another vocabulary");
  need(t.states > 0 && t.classes > 0 && t.classes <= 256 && t.begin >= 0 && t.begin < t.states, "the tables are of no size");
  for (int64_t i = 0; i < int64_t(t.states) * t.classes; i++)
    need(t.plain[i] < t.states && t.bound[i] < t.states, "the tables lead out of their states");
  for (int v = 0; v < vocabulary; v++) need(t.klass[v] < t.classes, "the tables have a class too many");
  for (int s = 0; s < t.states; s++) need(t.place[2 * s] >= 0 && t.place[2 * s + 1] >= 0, "a place is negative");
  if (t.codes) {
    need(t.span >= 1 && t.span <= 8, "the refused lines are told by spans of no such length");
    for (const MuseFuse *fuse = t.known; fuse != t.known + t.fuses; fuse++) {
      need(fuse->bits >= 1 && fuse->bits <= 16 && fuse->segment >= 1 && fuse->segments >= 1 &&
               (fuse->segment & (fuse->segment - 1)) == 0,
           "the refused lines are in disorder");
      const uint64_t cells = (uint64_t(fuse->segments) + 3) * uint64_t(fuse->segment);
      need(cells < uint64_t(1) << 31 && fuse->bytes >= (cells * uint64_t(fuse->bits) + 7) / 8 + 3,
           "the refused lines are cut");
    }
  }
}

void check(const MuseSampling &how) {
  need(how.temperature >= 0 && std::isfinite(how.temperature) && how.top_k >= 0 && how.top_p > 0 && how.top_p <= 1 &&
           how.min_p >= 0 && how.min_p <= 1,
       "the sampling is out of bounds");
}

}  // namespace

int muse_interface(void) { return MUSE_INTERFACE; }
const char *muse_error(void) { return last_error.c_str(); }

const char *muse_instruction_sets(void) {
  static const std::string names = [] {
    std::string joined;
    for (const Kernels *one : instruction_sets()) joined += (joined.empty() ? "" : " ") + std::string(one->name);
    return joined;
  }();
  return names.c_str();
}

MuseModel *muse_model_new(const MuseShape *shape, const MuseWeights *weights, int storage, int cache, int threads,
                          const char *name) {
  MuseModel *made = nullptr;
  guarded([&] {
    const MuseShape &s = *shape;
    for (int size : {s.vocabulary, s.layers, s.width, s.heads, s.rows, s.columns, s.context, s.inner})
      need(size > 0 && size <= 1 << 20, "a size is out of bounds");
    need(s.width % (2 * s.heads) == 0 && s.width / s.heads <= 512, "the heads do not fit the width");
    need(storage >= MUSE_FP32 && storage <= MUSE_INT8, "unknown storage");
    need(cache == MUSE_FP32 || cache == MUSE_BF16 || cache == MUSE_INT8, "unknown cache");
    need(threads >= 1 && threads <= 256, "1 to 256 threads");
    for (const Kernels *one : instruction_sets())
      if (!made && (!*name || !std::strcmp(one->name, name)))
        made = new MuseModel(s, *weights, storage, cache, threads, one);
    need(made, "this processor lacks the instruction set");
    return 0;
  });
  return made;
}
void muse_model_free(MuseModel *model) { delete model; }
int64_t muse_model_bytes(const MuseModel *model) { return int64_t(model->bytes); }

MuseSession *muse_session_new(MuseModel *model) {
  MuseSession *made = nullptr;
  guarded([&] { return made = new MuseSession(*model), 0; });
  return made;
}
void muse_session_free(MuseSession *session) { delete session; }
int muse_lane_new(MuseSession *session) {
  return guarded([&] { return session->open(); });
}
int muse_lane_fork(MuseSession *session, int lane) {
  return guarded([&] { return session->fork(lane); });
}
int muse_lane_free(MuseSession *session, int lane) {
  return guarded([&] { return session->close(lane), 0; });
}

int muse_read(MuseSession *session, int n, const int32_t *lane, const int32_t *token, const int32_t *row,
              const int32_t *col, const int32_t *target, double *logprob) {
  return guarded([&] { return session->read(n, lane, token, row, col, target, logprob), 0; });
}

int muse_logits(MuseSession *session, int lane, float *logits) {
  return guarded([&] {
    const Lane &one = session->at(lane);
    need(one.kept, "the lane keeps no logits");
    std::copy(one.logits.begin(), one.logits.end(), logits);
    return 0;
  });
}

int muse_draw(MuseSession *session, int n, const int32_t *lane, const uint8_t *masks, const MuseSampling *how,
              const uint64_t *key, const int64_t *number, int32_t *token, double *free_, double *masked) {
  return guarded([&] {
    check(*how);
    const int count = session->model.shape.vocabulary;
    for (int i = 0; i < n; i++) {
      const Lane &one = session->at(lane[i]);
      need(one.kept, "the lane keeps no logits");
      const uint8_t *mask = masks + size_t(i) * count;
      if (!std::memchr(mask, 1, count)) throw Failure{MUSE_STUCK, std::to_string(i)};
      const Draw drawn = draw(*session->model.kernels, one.logits.data(), mask, count, *how, uniform(key[i], number[i]));
      token[i] = drawn.token, free_[i] = drawn.free, masked[i] = drawn.masked;
    }
    return 0;
  });
}

int muse_write(MuseSession *session, int n, const int32_t *lane, const MuseTables *tables, const MuseSampling *how,
               const uint64_t *key, int most, int32_t *token, double *free_, double *masked, int32_t *length,
               MuseWatch watch) {
  return guarded([&] {
    check(*how);
    const int count = session->model.shape.vocabulary;
    check(*tables, count);
    std::vector<Walker> walkers(n, Walker(*tables));
    std::vector<int> alive;
    for (int i = 0; i < n; i++) {
      need(session->at(lane[i]).kept, "the lane keeps no logits");
      length[i] = 0;
      if (!walkers[i].done()) alive.push_back(i);
    }
    std::vector<uint8_t> masks(size_t(n) * count);
    std::vector<Failure> failures(n, Failure{0, ""});
    std::vector<int32_t> lanes, tokens, rows, cols, targets;
    std::vector<double> unused(n);
    int64_t written = 0;
    while (!alive.empty()) {
      if (watch && watch(written)) throw Failure{MUSE_STOPPED, "stopped"};
      session->model.pool.run(int(alive.size()), [&](int index, int) {
        const int i = alive[index];
        uint8_t *mask = masks.data() + size_t(i) * count;
        try {
          if (length[i] >= most) throw Failure{MUSE_BAD, "the tables ask for more tokens than there is room for"};
          if (!walkers[i].mask(mask))
            throw Failure{MUSE_STUCK, std::to_string(walkers[i].row()) + " " + std::to_string(walkers[i].col())};
          const Draw drawn = draw(*session->model.kernels, session->lanes[lane[i]].logits.data(), mask, count, *how,
                                  uniform(key[i], length[i]));
          const size_t at = size_t(i) * most + length[i];
          token[at] = drawn.token, free_[at] = drawn.free, masked[at] = drawn.masked;
        } catch (const Failure &failure) {
          failures[i] = failure;
        }
      });
      lanes.clear(), tokens.clear(), rows.clear(), cols.clear();
      std::vector<int> going;
      for (int i : alive) {
        if (failures[i].code) throw failures[i];
        const int drawn = token[size_t(i) * most + length[i]];
        const int row = walkers[i].row(), col = walkers[i].col();
        walkers[i].advance(drawn);
        length[i]++;
        written++;
        if (walkers[i].done()) continue;
        going.push_back(i);
        lanes.push_back(lane[i]), tokens.push_back(drawn), rows.push_back(row), cols.push_back(col);
      }
      alive = going;
      targets.assign(alive.size(), MUSE_KEEP);
      session->read(int(alive.size()), lanes.data(), tokens.data(), rows.data(), cols.data(), targets.data(), unused.data());
    }
    return 0;
  });
}

double muse_uniform(uint64_t key, int64_t number) { return uniform(key, number); }
