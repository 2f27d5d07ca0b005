// Weights packed for the products, and the lanes that read and write with them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "kernels.h"
#include "pool.h"

inline int rounded(int size, int step) { return (size + step - 1) / step * step; }

// Memory on a cache line, filled with zeros.
class Buffer {
 public:
  void *reserve(size_t bytes);  // at least so many; the old content is lost when it grows
  template <class T> T *as() const { return static_cast<T *>(data_.get()); }
  size_t size() const { return size_; }

 private:
  struct Free { void operator()(void *p) const { std::free(p); } };
  std::unique_ptr<void, Free> data_;
  size_t size_ = 0;
};

struct Failure {
  int code;
  std::string what;
};

struct PackedLayer {
  Matrix qkv, out, gate, up, down;
  std::vector<float> attention_gain, feed_gain, sharpness;  // sharpness times 1 / sqrt(head width)
};

struct MuseModel {
  MuseModel(const MuseShape &, const MuseWeights &, int storage, int cache, int threads, const Kernels *);

  const MuseShape shape;
  const int storage, cache, head, padded_head, width, inner;  // width and inner padded to 64
  const Kernels *const kernels;
  Pool pool;
  std::vector<PackedLayer> layers;
  Matrix tokens;
  std::vector<float> row_place, col_place, row_bias, col_bias, final_gain, cos, sin;
  size_t bytes = 0;

  float embedded(int token, int k) const;  // one number of the embedding table, as it is packed

 private:
  Matrix pack(const MuseArray &, int first, int outputs, int inputs);
  std::vector<float> vector(const MuseArray &, int64_t count, const char *name) const;
  std::vector<Buffer> held_;
};

struct Lane {
  bool open = false;
  int length = 0;
  std::vector<int> pages;
  std::vector<int32_t> row, col;
  std::vector<float> logits;
  bool kept = false;  // whether logits hold those of the last token
};

struct MuseSession {
  explicit MuseSession(MuseModel &);

  MuseModel &model;
  std::vector<Lane> lanes;

  int open();
  int fork(int lane);
  void close(int lane);
  Lane &at(int lane);
  void read(int n, const int32_t *lane, const int32_t *token, const int32_t *row, const int32_t *col,
            const int32_t *target, double *logprob);

 private:
  int new_page();
  uint8_t *page_at(int page, int layer, int head) const;
  void grow(Lane &, int row, int col);
  void step(int n, const int32_t *lane, const int32_t *token, const int32_t *row, const int32_t *col,
            const int32_t *target, double *logprob);
  void embed(int n, const int32_t *token, const int32_t *row, const int32_t *col);
  void normalise(int n, const float *gain);
  void place(const PackedLayer &, int layer, int row);
  void attend(int layer, int row, int head, int thread);
  void finish(int n, const int32_t *lane, const int32_t *target, double *logprob);
  template <class Body> void each_row(int n, const Body &);
  int share(int panels) const;
  void multiply(const Matrix &, const Rows &, int n, float *y, size_t stride, bool add);
  Rows rows(const float *x, int inputs) const;

  const size_t page_bytes_;
  std::vector<Buffer> slabs_;
  std::vector<int> uses_, free_;
  Buffer x_, normed_, qkv_, hidden_, logits_, bf16_, bytes_, scales_, down_, along_, scratch_;
  std::vector<int> lane_of_, position_;
  int longest_ = 0;
};
