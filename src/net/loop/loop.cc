#include "net/loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <future>
#include <limits>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

#include "core/assert.h"
#include "net/loop/fd.h"
#include "net/loop/requests.h"

namespace exposee::net {
namespace {

constexpr int kBatch = 256;  // ready sockets per pass: enough to share its cost, few enough to stay fair
// Full passes before a tick that is due: deadlines are judged after all that was ready, 16,384 sockets at most, is read.
constexpr int kMostFullPasses = 64;
constexpr MonoTime kNever = MonoTime::max();
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

// As epoll_wait() takes it: never too short, as the tick would come before its time, and end without a pass.
int milliseconds_until(MonoTime due) {
  if (due == kNever) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

}  // namespace

struct Loop::Impl {
  struct Call {
    std::promise<bool> ran;  // false: it did not, and will not
  };

  Impl(std::string thread_name, LoopUser& loop_user)
      : name(std::move(thread_name)), user(loop_user), epoll(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    epoll_event bell{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};  // it belongs to no watcher
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, requests.fd(), &bell) != 0) {
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
  }

  void run_thread() {
    block_signals();
    pthread_setname_np(pthread_self(), name.c_str());
    while (!requests.asked(Requests::kStop)) {
      const auto count = wait();
      run_sockets(count);
      run_requests();
      full_passes = count < kBatch ? 0 : full_passes + 1;
      const bool all_read = full_passes == 0 || full_passes >= kMostFullPasses;
      if (all_read && tick_at != kNever && tick_at <= std::chrono::steady_clock::now()) run_tick();
    }
  }

  // How many of `events` there are. Sleeps until there is one, something is asked, or the tick is due.
  std::size_t wait() {
    const int patience = requests.fall_asleep() ? milliseconds_until(tick_at) : 0;
    int count = epoll_wait(epoll.get(), events.data(), kBatch, patience);
    // A process that was stopped and goes on is woken by that alone: what came meanwhile is read before time is judged.
    if (count < 0) count = epoll_wait(epoll.get(), events.data(), kBatch, 0);
    requests.awake();
    return static_cast<std::size_t>(std::max(count, 0));
  }

  template <class Work>
  void pass(Work&& work) {
    if (requests.asked(Requests::kStop)) return;
    now = std::chrono::steady_clock::now();
    work();
    user.pass_ended();
  }

  void run_sockets(std::size_t count) {
    if (count == 0 || (count == 1 && events[0].data.ptr == nullptr)) return;
    pass([this, count] { tell(std::span(events.data(), count)); });
  }

  void tell(std::span<epoll_event> ready) {
    batch = ready;
    for (auto& event : batch) {
      if (event.data.ptr == nullptr) continue;  // the bell, or unwatched meanwhile
      static_cast<Watcher*>(event.data.ptr)->ready(to_readiness(event.events));
    }
    batch = {};
  }

  // A wake-up comes before the tasks that were posted after it: a thread that sees the task has seen the
  // wake-up.
  void run_requests() {
    std::vector<std::function<void()>> taken;
    if (requests.asked(Requests::kTasks)) taken = take_tasks();
    if (requests.take(Requests::kWoken) != 0) pass([this] { user.woken(); });
    for (const auto& task : taken) pass(task);
  }

  std::vector<std::function<void()>> take_tasks() {
    const std::lock_guard lock(mutex);
    requests.take(Requests::kTasks);
    return std::exchange(tasks, {});
  }

  void run_tick() {
    pass([this] {
      tick_at = kNever;
      user.ticked();
    });
  }

  // What is noticed and not yet reported.
  void forget(Watcher& watcher) {
    for (auto& event : batch) {
      if (event.data.ptr == &watcher) event.data.ptr = nullptr;
    }
  }

  bool control(int operation, int fd, Watcher& watcher, std::uint32_t wanted) {
    epoll_event event{.events = wanted, .data = {.ptr = &watcher}};
    return epoll_ctl(epoll.get(), operation, fd, &event) == 0;
  }

  void begin() {
    const std::lock_guard lock(mutex);
    running = true;
  }

  // Whether the task is to be waited for; else the thread has ended, or never began.
  std::optional<std::future<bool>> enter(const std::shared_ptr<Call>& call) {
    const std::lock_guard lock(mutex);
    if (!running) return std::nullopt;
    calls.push_back(call);
    return call->ran.get_future();
  }

  // Whether the call still waits: stop() takes those that the thread did not come to.
  bool take(const std::shared_ptr<Call>& call) {
    const std::lock_guard lock(mutex);
    return std::erase(calls, call) > 0;
  }

  void end() {
    std::vector<std::shared_ptr<Call>> left;
    {
      const std::lock_guard lock(mutex);
      running = false;
      left.swap(calls);
    }
    for (const auto& call : left) call->ran.set_value(false);
  }

  const std::string name;
  LoopUser& user;
  Requests requests;
  const Fd epoll;
  std::array<epoll_event, kBatch> events;
  int full_passes = 0;  // one after the other
  std::span<epoll_event> batch;  // within tell(): who ends a watcher forgets it here
  MonoTime now = std::chrono::steady_clock::now();
  MonoTime tick_at = kNever;
  std::thread thread;
  std::list<std::thread> aside;  // of Loop::run_aside()

  std::mutex mutex;  // guards what follows
  bool running = false;
  std::vector<std::function<void()>> tasks;
  // Of Loop::call(), each waiting for its promise; shared, for who waits may be gone while the promise is
  // still kept.
  std::vector<std::shared_ptr<Call>> calls;
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
  impl_->requests.ask(Requests::kStop);
  if (impl_->thread.joinable()) impl_->thread.join();
  for (auto& helper : impl_->aside) helper.join();
  impl_->aside.clear();
  impl_->end();
}

void Loop::wake() {
  impl_->requests.ask(Requests::kWoken);
}

void Loop::post(std::function<void()> task) {
  const std::lock_guard lock(impl_->mutex);
  impl_->tasks.push_back(std::move(task));
  impl_->requests.ask(Requests::kTasks);
}

void Loop::call(const std::function<void()>& task) {
  auto call = std::make_shared<Impl::Call>();
  auto ran = impl_->enter(call);
  if (!ran) return task();
  post([this, &task, call] {
    if (!impl_->take(call)) return;
    task();
    call->ran.set_value(true);
  });
  if (!ran->get()) task();
}

bool Loop::run_aside(std::function<void()> work, std::function<void()> done) {
  const auto helper = impl_->aside.emplace(impl_->aside.end());
  auto end = [impl = impl_.get(), helper, done = std::move(done)] {
    helper->join();
    impl->aside.erase(helper);
    done();
  };
  try {
    *helper = std::thread([this, work = std::move(work), end = std::move(end)] {
      block_signals();
      pthread_setname_np(pthread_self(), "aside");
      work();
      post(end);
    });
  } catch (const std::system_error&) {
    impl_->aside.erase(helper);
    return false;
  }
  return true;
}

MonoTime Loop::now() const {
  return impl_->now;
}

void Loop::tick_in(std::chrono::milliseconds delay) {
  impl_->tick_at = std::min(impl_->tick_at, impl_->now + delay);
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
