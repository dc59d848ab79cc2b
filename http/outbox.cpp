#include "http/outbox.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace http {
namespace {

constexpr std::int64_t kTickMs = 100;

}  // namespace

Outbox::~Outbox() { stop(); }

void Outbox::start() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (epoll_ < 0 || wake_ < 0) throw std::system_error{errno, std::generic_category(), "cannot make the outbox"};
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
    thread_ = std::thread{[this] { run(); }};
}

void Outbox::stop() {
    {
        std::lock_guard const lock{mutex_};
        stopping_ = true;
    }
    if (!thread_.joinable()) return;
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const written = ::write(wake_, &one, sizeof one);
    thread_.join();
    ::close(epoll_);
    std::lock_guard const lock{mutex_};  // a late post() sees stopping_ and leaves wake_ alone
    ::close(wake_);
}

void Outbox::post(std::function<void()> task) {
    std::lock_guard const lock{mutex_};
    if (stopping_) return;
    tasks_.push_back(std::move(task));
    if (tasks_.size() > 1) return;  // the thread was woken for the first one
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const written = ::write(wake_, &one, sizeof one);
}

void Outbox::deliver(std::shared_ptr<Connection> connection, std::vector<Chunk> chunks, Done done) {
    auto shared = std::make_shared<Delivery>();
    *shared = {std::move(connection), std::move(chunks), 0, std::move(done)};
    post([this, shared] { begin(std::move(*shared)); });
}

void Outbox::begin(Delivery delivery) {
    if (flush(delivery)) return;
    auto* const key = delivery.connection.get();
    delivery.deadline = now_ms() + write_deadline_.count();
    epoll_event event{};
    event.events = EPOLLOUT | EPOLLET;
    event.data.ptr = key;
    {
        std::lock_guard const lock{key->mutex};
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, key->fd(), &event);
    }
    deliveries_.insert_or_assign(key, std::move(delivery));
}

bool Outbox::flush(Delivery& delivery) {
    std::lock_guard const lock{delivery.connection->mutex};
    auto const before = delivery.chunks.empty() ? std::pair{std::size_t{0}, std::size_t{0}} : std::pair{delivery.chunks.size(), delivery.chunks.front().offset};
    auto const result = send_some(delivery.connection->fd(), delivery.chunks);
    if (result == SendResult::would_block) {
        if (before != std::pair{delivery.chunks.size(), delivery.chunks.front().offset}) {
            delivery.deadline = now_ms() + write_deadline_.count();
        }
        return false;
    }
    if (result == SendResult::failed) delivery.connection->cut();
    if (delivery.done) delivery.done(result == SendResult::done);
    return true;
}

void Outbox::end(Connection* connection) {
    {
        std::lock_guard const lock{connection->mutex};
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection->fd(), nullptr);
    }
    deliveries_.erase(connection);
}

bool Outbox::append(std::shared_ptr<Connection> const& connection, Chunk chunk, std::size_t max_pending) {
    auto const found = deliveries_.find(connection.get());
    if (found == deliveries_.end()) {
        begin({connection, {std::move(chunk)}, 0, {}});
        return true;
    }
    std::size_t pending = 0;
    for (auto const& waiting : found->second.chunks) pending += waiting.bytes->size() - waiting.offset;
    if (pending > max_pending) {
        {
            std::lock_guard const lock{connection->mutex};
            connection->cut();
        }
        end(connection.get());
        return false;
    }
    found->second.chunks.push_back(std::move(chunk));
    return true;
}

void Outbox::run_tasks() {
    std::uint64_t count = 0;
    [[maybe_unused]] auto const read = ::read(wake_, &count, sizeof count);
    std::vector<std::function<void()>> tasks;
    {
        std::lock_guard const lock{mutex_};
        tasks.swap(tasks_);
    }
    for (auto const& task : tasks) task();
}

void Outbox::tick() {
    auto const now = now_ms();
    std::vector<Connection*> late;
    for (auto const& [key, delivery] : deliveries_) {
        if (delivery.deadline <= now) late.push_back(key);
    }
    for (auto* const key : late) {
        auto delivery = std::move(deliveries_.at(key));
        end(key);
        std::lock_guard const lock{delivery.connection->mutex};
        delivery.connection->cut();
        if (delivery.done) delivery.done(false);
    }
    for (auto const& task : tick_tasks_) task();
}

void Outbox::run() {
    std::array<epoll_event, 256> events{};
    auto next_tick = now_ms() + kTickMs;
    while (true) {
        auto const wait = std::max<std::int64_t>(0, next_tick - now_ms());
        auto const ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(wait));
        for (int i = 0; i < ready; ++i) {
            auto* const key = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (key == nullptr) {
                run_tasks();
            } else if (auto const found = deliveries_.find(key); found != deliveries_.end() && flush(found->second)) {
                auto const keep = found->second.connection;  // until its descriptor is out of the epoll set
                end(key);
            }
        }
        if (now_ms() >= next_tick) {
            tick();
            next_tick = now_ms() + kTickMs;
        }
        std::lock_guard const lock{mutex_};
        if (stopping_ && tasks_.empty()) break;
    }
    for (auto& [key, delivery] : deliveries_) {
        std::lock_guard const lock{delivery.connection->mutex};
        delivery.connection->cut();
        if (delivery.done) delivery.done(false);
    }
    deliveries_.clear();
}

}  // namespace http
