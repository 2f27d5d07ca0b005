// The C interface of the native engine; muse/engine/library.py is its only caller.
//
// Every function that can fail returns 0, or a negative number after which muse_error() tells what was wrong.
// No function keeps a pointer that it was given beyond the call, but for the masks' tables while muse_write runs.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MUSE_API __attribute__((visibility("default")))
#define MUSE_INTERFACE 3  // raised when this file changes

enum { MUSE_FP32 = 0, MUSE_FP16 = 1, MUSE_BF16 = 2, MUSE_INT8 = 3 };
enum { MUSE_BAD = -1, MUSE_NAN = -2, MUSE_STUCK = -3, MUSE_STOPPED = -4, MUSE_MEMORY = -5 };
enum { MUSE_SILENT = -1, MUSE_KEEP = -2 };  // targets of muse_read

typedef struct {
  int32_t vocabulary, layers, width, heads, rows, columns, context, inner;
} MuseShape;

// A matrix or vector as the bundle has it: row-major, fp32 or fp16.
typedef struct {
  const void *data;
  int64_t count;     // numbers in it, checked against the shape
  int32_t half;      // 1 where they are fp16
} MuseArray;

typedef struct {
  MuseArray attention_gain, qkv, sharpness, out, feed_gain, gate_up, down;
} MuseLayer;

typedef struct {
  MuseArray tokens, row_place, col_place, row_bias, col_bias, final_gain, cos, sin;
  const MuseLayer *layers;
} MuseWeights;

typedef struct {
  double temperature, top_p, min_p;
  int32_t top_k;
} MuseSampling;

// muse.fuse.Fuse
typedef struct {
  const uint8_t *cells;
  uint64_t bytes, seed;
  int32_t bits, segment, segments;
} MuseFuse;

// muse.constraint.Tables, field by field.
typedef struct {
  int32_t states, classes, begin, vocabulary;
  uint64_t open;
  const uint8_t *klass;
  const uint64_t *sets;
  const uint8_t *doubled;
  const int32_t *plain, *bound, *place, *left;
  const uint64_t *scope;
  const uint8_t *renews, *unique, *remembers, *spares, *again, *opens, *closes, *final_;
  const uint64_t *codes;  // of the refused lines; null for none
  const MuseFuse *known;
  int32_t fuses, span;
} MuseTables;

typedef int (*MuseWatch)(int64_t written);  // not 0 stops the writing

typedef struct MuseModel MuseModel;
typedef struct MuseSession MuseSession;

MUSE_API int muse_interface(void);
MUSE_API const char *muse_error(void);
// Names of the instruction sets that were compiled in and that this processor has, best first, by spaces.
MUSE_API const char *muse_instruction_sets(void);

MUSE_API MuseModel *muse_model_new(const MuseShape *, const MuseWeights *, int storage, int cache, int threads,
                                   const char *instruction_set);
MUSE_API void muse_model_free(MuseModel *);
MUSE_API int64_t muse_model_bytes(const MuseModel *);  // of the weights that a token reads

MUSE_API MuseSession *muse_session_new(MuseModel *);
MUSE_API void muse_session_free(MuseSession *);
MUSE_API int muse_lane_new(MuseSession *);
MUSE_API int muse_lane_fork(MuseSession *, int lane);  // a new lane that has read what this one has
MUSE_API int muse_lane_free(MuseSession *, int lane);

// Read n tokens, those of one lane in order. Where target[i] is a token, logprob[i] becomes its log-probability after
// token i; MUSE_KEEP keeps the logits with the lane, for drawing.
MUSE_API int muse_read(MuseSession *, int n, const int32_t *lane, const int32_t *token, const int32_t *row,
                       const int32_t *col, const int32_t *target, double *logprob);
MUSE_API int muse_logits(MuseSession *, int lane, float *logits);  // those kept, (V,)
// One token for each of n lanes from their kept logits; masks: (n, V) bytes; number: which of the key's numbers.
MUSE_API int muse_draw(MuseSession *, int n, const int32_t *lane, const uint8_t *masks, const MuseSampling *,
                       const uint64_t *key, const int64_t *number, int32_t *token, double *free_, double *masked);
// Write until every lane's tables are in a final state; token, free_, masked: (n, most); length: (n,).
MUSE_API int muse_write(MuseSession *, int n, const int32_t *lane, const MuseTables *, const MuseSampling *,
                        const uint64_t *key, int most, int32_t *token, double *free_, double *masked, int32_t *length,
                        MuseWatch);
MUSE_API double muse_uniform(uint64_t key, int64_t number);

#ifdef __cplusplus
}
#endif
