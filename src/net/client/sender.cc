#include "net/client/sender.h"

#include <mutex>
#include <utility>

#include "net/client/sender_core.h"

namespace exposee::net {

class HttpSender::Impl final : public LoopUser {
 public:
  Impl(SenderOptions sender_options) : options(std::move(sender_options)), loop("http-sender", *this) {}

  void woken() override {
    {
      std::lock_guard lock(mutex);
      taking.swap(inbox);
    }
    for (auto& [jobs, sink] : taking) {
      for (auto& job : jobs) core->send(std::move(job), *sink);
    }
    taking.clear();
  }
  void ticked() override { core->tick(); }
  void pass_ended() override { core->end_pass(); }

  struct Parcel {
    std::vector<SendJob> jobs;
    SendSink* sink;
  };

  const SenderOptions options;
  Loop loop;
  std::unique_ptr<SenderCore> core;
  bool stopped = false;        // by its owner
  std::vector<Parcel> taking;  // swapped with the inbox, so that both keep their room
  std::mutex mutex;            // guards what follows
  std::vector<Parcel> inbox;
};

HttpSender::HttpSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpSender>> HttpSender::make(const Clock& clock, Random& random,
                                                     SenderOptions options) {
  auto tls = TlsContext::make(options.verify_tls, options.extra_ca_file);
  if (!tls) return std::move(tls).error();
  auto impl = std::make_unique<Impl>(std::move(options));
  auto resolver = Resolver::make(impl->loop, {impl->options.dns_servers, impl->options.dns_timeout});
  if (!resolver) return std::move(resolver).error();
  impl->core = std::make_unique<SenderCore>(clock, random, impl->options, impl->loop, std::move(*resolver),
                                            std::move(*tls));
  impl->loop.start();
  return std::unique_ptr<HttpSender>(new HttpSender(std::move(impl)));
}

HttpSender::~HttpSender() {
  stop();
}

void HttpSender::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  impl_->loop.call([this] {
    impl_->woken();
    impl_->core->give_up_all();
  });
  impl_->loop.stop();
}

void HttpSender::send(std::vector<SendJob>&& jobs, SendSink& sink) {
  if (jobs.empty()) return;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->inbox.push_back({std::move(jobs), &sink});
  }
  impl_->loop.wake();
}

void HttpSender::refuse_own_listeners(std::vector<ListenAddress> listeners) {
  impl_->loop.call([&] { impl_->core->gate().refuse_own(std::move(listeners)); });
}

Result<void> HttpSender::set_rules(AddressPolicy policy) {
  auto tls = TlsContext::make(impl_->options.verify_tls, impl_->options.extra_ca_file);
  if (!tls) return std::move(tls).error();
  bool in_use = false;
  impl_->loop.call([&] { in_use = impl_->core->tls().trust()->has_system(); });
  if (in_use && !tls->trust()->add_system()) {
    return Error{ErrorCode::internal, "The system's certificates cannot be read.", ""};
  }
  impl_->loop.call([&] { impl_->core->set_rules(std::move(policy), *std::move(tls)); });
  return {};
}

std::size_t HttpSender::open_connections() const {
  return impl_->core->open_connections();
}

}  // namespace exposee::net
