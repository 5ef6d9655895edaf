// SPDX-License-Identifier: Apache-2.0
// std mutexes with clang's thread-safety attributes (-Wthread-safety), and scoped locks for them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define LINTEL_TSA(x) __attribute__((x))
#else
#define LINTEL_TSA(x)
#endif
#define GUARDED_BY(x) LINTEL_TSA(guarded_by(x))
#define REQUIRES(...) LINTEL_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) LINTEL_TSA(locks_excluded(__VA_ARGS__))
#define ACQUIRED_BEFORE(...) LINTEL_TSA(acquired_before(__VA_ARGS__))

namespace lintel {

class LINTEL_TSA(capability("mutex")) Mutex {
 public:
  void lock() LINTEL_TSA(acquire_capability()) { mutex_.lock(); }
  void unlock() LINTEL_TSA(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class LINTEL_TSA(capability("mutex")) SharedMutex {
 public:
  void lock() LINTEL_TSA(acquire_capability()) { mutex_.lock(); }
  void unlock() LINTEL_TSA(release_capability()) { mutex_.unlock(); }
  void lock_shared() LINTEL_TSA(acquire_shared_capability()) { mutex_.lock_shared(); }
  void unlock_shared() LINTEL_TSA(release_shared_capability()) { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

class LINTEL_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) LINTEL_TSA(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() LINTEL_TSA(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class LINTEL_TSA(scoped_lockable) WriterLock {
 public:
  explicit WriterLock(SharedMutex& mutex) LINTEL_TSA(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~WriterLock() LINTEL_TSA(release_capability()) { mutex_.unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class LINTEL_TSA(scoped_lockable) ReaderLock {
 public:
  explicit ReaderLock(SharedMutex& mutex) LINTEL_TSA(acquire_shared_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~ReaderLock() LINTEL_TSA(release_generic_capability()) { mutex_.unlock_shared(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  SharedMutex& mutex_;
};

// Waits on a Mutex that the caller holds. As with std: re-check the condition after `wait`.
class Condition {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) { condition_.wait(mutex); }
  // False on timeout.
  template <typename Duration>
  bool wait_for(Mutex& mutex, Duration duration) REQUIRES(mutex) {
    return condition_.wait_for(mutex, duration) == std::cv_status::no_timeout;
  }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace lintel
