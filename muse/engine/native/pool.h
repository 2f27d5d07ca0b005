// Threads that take chunks of one job after another.
//
// A chunk is claimed, not assigned: a thread that the system keeps waiting claims nothing, and the caller does its share.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

class Pool {
 public:
  explicit Pool(int threads) : size_(threads) {}
  ~Pool() {
    {
      std::lock_guard<std::mutex> hold(door_);
      ending_ = true;
    }
    wake_.notify_all();
    for (auto &thread : threads_) thread.join();
  }
  int size() const { return size_; }

  // body(chunk, thread) for each chunk in [0, chunks), at most 2^24 - 1.
  template <class Body> void run(int chunks, const Body &body) {
    if (size_ == 1 || chunks == 1) {
      for (int chunk = 0; chunk < chunks; chunk++) body(chunk, 0);
      return;
    }
    if (threads_.empty())
      for (int thread = 1; thread < size_; thread++) threads_.emplace_back([this, thread] { serve(thread); });
    call_ = [](const void *context, int chunk, int thread) { (*static_cast<const Body *>(context))(chunk, thread); };
    context_ = &body;
    done_.store(0, std::memory_order_relaxed);
    job_.store(uint64_t(chunks) << 24);
    if (sleepers_.load()) {
      std::lock_guard<std::mutex> hold(door_);
      wake_.notify_all();
    }
    while (take(0)) {
    }
    for (int spins = 0; done_.load(std::memory_order_acquire) < chunks; spins++)
      if (spins > 4000) std::this_thread::yield();
  }

 private:
  // A job is its number of chunks (24 bits) over the next one to be claimed (24 bits).
  static bool open(uint64_t job) { return (job & 0xffffff) < (job >> 24); }

  bool take(int thread) {
    if (!open(job_.load(std::memory_order_relaxed))) return false;
    const uint64_t job = job_.fetch_add(1, std::memory_order_acq_rel);
    if (!open(job)) return false;
    call_(context_, int(job & 0xffffff), thread);
    done_.fetch_add(1, std::memory_order_release);
    return true;
  }

  void serve(int thread) {
    for (int idle = 0;;) {
      if (take(thread)) {
        idle = 0;
      } else if (++idle > 2000) {
        std::unique_lock<std::mutex> hold(door_);
        sleepers_++;
        wake_.wait(hold, [this] { return ending_ || open(job_.load()); });
        sleepers_--;
        if (ending_) return;
        idle = 0;
      } else {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
      }
    }
  }

  const int size_;
  std::vector<std::thread> threads_;
  std::atomic<uint64_t> job_{0};
  std::atomic<int> done_{0}, sleepers_{0};
  std::mutex door_;
  std::condition_variable wake_;
  bool ending_ = false;
  void (*call_)(const void *, int, int) = nullptr;
  const void *context_ = nullptr;
};
