#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace http {

/// A fixed number of threads behind a queue with a bound. Jobs do not throw.
class WorkerPool {
public:
    using Job = std::function<void()>;

    WorkerPool(int workers, std::size_t capacity) : workers_{workers}, capacity_{capacity} {}
    ~WorkerPool() { stop(); }
    WorkerPool(WorkerPool const&) = delete;
    WorkerPool& operator=(WorkerPool const&) = delete;

    void start();
    /// Drops what waits, lets what runs come to its end.
    void stop();
    /// False when the queue is full or the pool stopped.
    bool try_push(Job job);
    /// For the rest of work that was admitted already (a parked answer that streams).
    bool push_beyond_capacity(Job job);
    std::size_t queued() const;

private:
    bool push(Job job, std::size_t capacity);
    void run();

    int workers_;
    std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace http
