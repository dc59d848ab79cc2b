#include "http/worker_pool.hpp"

#include <limits>

namespace http {

void WorkerPool::start() {
    for (int i = 0; i < workers_; ++i) threads_.emplace_back([this] { run(); });
}

void WorkerPool::stop() {
    std::deque<Job> dropped;  // destroyed outside the lock: a job may hold the last reference to a connection
    {
        std::lock_guard const lock{mutex_};
        stopping_ = true;
        dropped.swap(jobs_);
    }
    ready_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

bool WorkerPool::push(Job job, std::size_t capacity) {
    {
        std::lock_guard const lock{mutex_};
        if (stopping_ || jobs_.size() >= capacity) return false;
        jobs_.push_back(std::move(job));
    }
    ready_.notify_one();
    return true;
}

bool WorkerPool::try_push(Job job) { return push(std::move(job), capacity_); }

bool WorkerPool::push_beyond_capacity(Job job) { return push(std::move(job), std::numeric_limits<std::size_t>::max()); }

std::size_t WorkerPool::queued() const {
    std::lock_guard const lock{mutex_};
    return jobs_.size();
}

void WorkerPool::run() {
    while (true) {
        Job job;
        {
            std::unique_lock lock{mutex_};
            ready_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (stopping_) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        job();
    }
}

}  // namespace http
