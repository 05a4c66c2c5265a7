#include "net/loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "core/assert.h"

namespace exposee::net {
namespace {

namespace asio = boost::asio;

constexpr int kBatch = 256;  // ready sockets per pass: enough to share its cost, few enough to stay fair
constexpr std::uint32_t kEdgeBothWays = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

Readiness to_readiness(std::uint32_t events) {
  return {.readable = (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0,
          .writable = (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0,
          .peer_closed = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0,
          .broken = (events & (EPOLLHUP | EPOLLERR)) != 0};
}

// Signals belong to the main thread; and a write to a closed TLS connection must be EPIPE, not SIGPIPE.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

struct Loop::Impl {
  struct Call {
    std::promise<bool> ran;  // false: it did not, and will not
  };

  Impl(std::string thread_name, LoopUser& loop_user)
      : name(std::move(thread_name)), user(loop_user), epoll(io, epoll_create1(EPOLL_CLOEXEC)) {
    EXPOSEE_ASSERT(epoll.native_handle() >= 0, "the system gives out no epoll descriptor");
    wait_for_sockets();
  }

  void begin_pass() { now = std::chrono::steady_clock::now(); }

  void wait_for_sockets() {
    epoll.async_wait(asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& error) {
      if (!error) run_sockets();
    });
  }

  void run_sockets() {
    begin_pass();
    const int count = epoll_wait(epoll.native_handle(), events.data(), kBatch, 0);
    batch = std::span(events.data(), static_cast<std::size_t>(std::max(count, 0)));
    for (auto& event : batch) {
      if (event.data.ptr == nullptr) continue;  // unwatched meanwhile
      static_cast<Watcher*>(event.data.ptr)->ready(to_readiness(event.events));
    }
    batch = {};
    user.pass_ended();
    wait_for_sockets();
  }

  void run_woken() {
    begin_pass();
    wake_pending.store(false, std::memory_order_seq_cst);
    user.woken();
    user.pass_ended();
  }

  void run_task(const std::function<void()>& task) {
    begin_pass();
    task();
    user.pass_ended();
  }

  void run_tick() {
    begin_pass();
    tick_pending = false;
    user.ticked();
    user.pass_ended();
  }

  void run_thread() {
    block_signals();
    pthread_setname_np(pthread_self(), name.c_str());
    io.run();
  }

  // What is noticed and not yet told.
  void forget(Watcher& watcher) {
    for (auto& event : batch) {
      if (event.data.ptr == &watcher) event.data.ptr = nullptr;
    }
  }

  bool control(int operation, int fd, Watcher& watcher, std::uint32_t wanted) {
    epoll_event event{.events = wanted, .data = {.ptr = &watcher}};
    return epoll_ctl(epoll.native_handle(), operation, fd, &event) == 0;
  }

  void begin() {
    const std::lock_guard lock(mutex);
    running = true;
  }

  // Whether the task is to be waited for; else the thread has ended, or never began.
  std::optional<std::future<bool>> enter(Call& call) {
    const std::lock_guard lock(mutex);
    if (!running) return std::nullopt;
    calls.push_back(&call);
    return call.ran.get_future();
  }

  // Whether the call still waits: stop() takes those that the thread did not come to.
  bool take(Call& call) {
    const std::lock_guard lock(mutex);
    return std::erase(calls, &call) > 0;
  }

  void end() {
    std::vector<Call*> left;
    {
      const std::lock_guard lock(mutex);
      running = false;
      left.swap(calls);
    }
    for (auto* call : left) call->ran.set_value(false);
  }

  const std::string name;
  LoopUser& user;
  asio::io_context io{1};
  asio::posix::stream_descriptor epoll;
  asio::steady_timer timer{io};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::array<epoll_event, kBatch> events;
  std::span<epoll_event> batch;  // not yet told, within run_sockets()
  MonoTime now = std::chrono::steady_clock::now();
  std::atomic<bool> wake_pending{false};
  bool tick_pending = false;
  std::thread thread;

  std::mutex mutex;  // guards what follows
  bool running = false;
  std::vector<Call*> calls;  // of Loop::call(): each waits for its promise
};

Loop::Loop(std::string name, LoopUser& user) : impl_(std::make_unique<Impl>(std::move(name), user)) {}

Loop::~Loop() {
  stop();
}

void Loop::start() {
  EXPOSEE_ASSERT(!impl_->thread.joinable(), "a loop starts once");
  impl_->begin();
  impl_->thread = std::thread([impl = impl_.get()] { impl->run_thread(); });
}

void Loop::stop() {
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->end();
}

void Loop::wake() {
  if (impl_->wake_pending.exchange(true, std::memory_order_seq_cst)) return;
  asio::post(impl_->io, [impl = impl_.get()] { impl->run_woken(); });
}

void Loop::post(std::function<void()> task) {
  asio::post(impl_->io, [impl = impl_.get(), task = std::move(task)] { impl->run_task(task); });
}

void Loop::call(const std::function<void()>& task) {
  auto call = std::make_shared<Impl::Call>();
  auto ran = impl_->enter(*call);
  if (!ran) return task();
  post([this, &task, call] {
    if (!impl_->take(*call)) return;
    task();
    call->ran.set_value(true);
  });
  if (!ran->get()) task();
}

MonoTime Loop::now() const {
  return impl_->now;
}

void Loop::tick_in(std::chrono::milliseconds delay) {
  const MonoTime due = impl_->now + delay;
  if (impl_->tick_pending && impl_->timer.expiry() <= due) return;
  impl_->tick_pending = true;
  impl_->timer.expires_at(due);
  impl_->timer.async_wait([impl = impl_.get()](const boost::system::error_code& error) {
    if (!error) impl->run_tick();
  });
}

bool Loop::watch(int fd, Watcher& watcher) {
  return impl_->control(EPOLL_CTL_ADD, fd, watcher, kEdgeBothWays);
}

bool Loop::watch_level(int fd, Watcher& watcher, bool read, bool write) {
  const std::uint32_t wanted = (read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u);
  if (impl_->control(EPOLL_CTL_ADD, fd, watcher, wanted)) return true;
  return errno == EEXIST && impl_->control(EPOLL_CTL_MOD, fd, watcher, wanted);
}

bool Loop::hand_over(int fd, Watcher& from, Watcher& to) {
  impl_->forget(from);
  return impl_->control(EPOLL_CTL_MOD, fd, to, kEdgeBothWays);
}

void Loop::unwatch(int fd, Watcher& watcher) {
  impl_->control(EPOLL_CTL_DEL, fd, watcher, 0);
  impl_->forget(watcher);
}

}  // namespace exposee::net
