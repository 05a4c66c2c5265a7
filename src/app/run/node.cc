#include "app/run/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "app/run/own_hosts.h"
#include "net/server/own_listeners.h"
#include "store/sqlite/acceptable.h"

namespace exposee::app {
namespace {

// Attempts handed out for fast receivers that keep a core busy (engine/lane/fast_flights.h): half as many leave it idle
// between two turns of the engine, twice as many only wait (make bench, WB and W100).
constexpr std::uint32_t kFastConcurrencyPerCore = 512;

// For what the engine says to callers as it ends, when their time is over.
constexpr std::chrono::milliseconds kLastReplies{250};

// Local peers are trusted and may be a proxy.
const std::string_view kThisMachine[] = {"127.0.0.0/8", "::1/128"};

net::ServerOptions server_options(const ServerSettings& settings) {
  net::ServerOptions options;
  options.head_timeout = settings.head_timeout;
  options.idle_timeout = settings.idle_timeout;
  options.max_connections = settings.max_connections;
  options.max_connections_per_peer = settings.max_connections_per_peer;
  options.shared_peers = settings.trusted_proxies;
  for (const auto network : kThisMachine) options.shared_peers.push_back(*Network::parse(network));
  return options;
}

net::SenderOptions sender_options(const Settings& settings) {
  net::SenderOptions options;
  options.policy = settings.address_policy();
  options.verify_tls = settings.security.verify_tls;
  options.extra_ca_file = settings.security.extra_ca_file;
  options.connect_timeout = settings.delivery.connect_timeout;
  options.max_connections = settings.delivery.max_connections;
  return options;
}

engine::EngineSettings engine_settings(const Settings& settings) {
  engine::EngineSettings options;
  options.attempt_timeout = settings.delivery.timeout;
  options.schedule = settings.delivery.schedule;
  options.max_in_flight_per_endpoint = settings.delivery.max_in_flight_per_endpoint;
  options.max_in_flight = settings.delivery.max_in_flight;
  options.fast_concurrency = kFastConcurrencyPerCore * std::max(1u, std::thread::hardware_concurrency());
  options.retention = settings.retention.events;
  options.max_pending = settings.delivery.max_pending;
  options.min_free_disk = settings.limits.min_free_disk;
  return options;
}

// All that leads to this server, also through what stands in front of it.
OwnListeners own_listeners(const Settings& settings, const net::Server& server) {
  auto own = net::own_listeners(server.addresses());
  if (const auto url = parse_server_url(settings.server.public_url)) {
    own.public_host = url->host;
    own.public_port = url->port;
    if (url->target != "/") own.public_path = url->target;
  }
  return own;
}

}  // namespace

Node::~Node() {
  if (engine_thread_.joinable())
    drain(std::chrono::milliseconds{0});  // else the start failed before it served
}

Result<void> Node::start() {
  EXPOSEE_TRY(open_store());
  EXPOSEE_TRY(open_network());
  EXPOSEE_TRY(start_engine());
  serve_calls();
  return {};
}

Result<void> Node::open_store() {
  auto opened = store::SqliteStore::open(settings_.storage.path, {.durable = settings_.storage.durable,
                                                                  .wait_for_holder = wait_for_holder_,
                                                                  .troubles = &logs_.troubles(),
                                                                  .chores = &chores_});
  if (!opened) return std::move(opened).error();
  store_ = std::move(*opened);
  auto reader = store_->open_reader();
  if (!reader) return std::move(reader).error();
  auto count = (*reader)->count_events();
  if (!count) return std::move(count).error();
  most_stored_events_ = *count;
  return {};
}

Result<void> Node::open_network() {
  auto options = server_options(settings_.server);
  options.on_accept_failed = [this](int error) { logs_.accept_failed(error, clock_.now()); };
  server_ = std::make_unique<net::Server>(clock_, std::move(options));
  EXPOSEE_TRY(server_->listen(settings_.server.listen));
  auto sender = net::HttpSender::make(clock_, random_, sender_options(settings_));
  if (!sender) return std::move(sender).error();
  sender_ = std::move(*sender);
  sender_->refuse_own_listeners(server_->addresses());
  const auto& public_url = settings_.server.public_url;
  url_ = public_url.empty() ? local_url(server_->addresses().front()) : public_url;
  return {};
}

std::string Node::listen() const {
  std::vector<std::string> texts;
  for (const auto& address : server_->addresses()) texts.push_back(address.text());
  return fmt::format("{}", fmt::join(texts, ", "));
}

Result<void> Node::start_engine() {
  auto reader = store_->open_reader();
  if (!reader) return std::move(reader).error();
  backlog_ = std::make_unique<BacklogThread>(*std::move(reader));
  engine_ = std::make_unique<engine::Engine>(engine_settings(settings_), *store_, *sender_, clock_, random_,
                                             observers_, store_.get(), backlog_.get());
  if (auto started = engine_->start(); !started) return with_way_out(std::move(started).error());
  engine_thread_ = std::jthread([this] { engine_->run(); });
  return {};
}

// What helps with damaged data is found out while it is not open here.
Error Node::with_way_out(Error error) {
  engine_.reset();
  backlog_.reset();
  store_.reset();
  return store::with_way_out(std::move(error), settings_.storage.path + "/" + store::kDataFileName);
}

api::ApiOptions Node::api_options() const {
  api::ApiOptions options;
  options.base_url = local_url(server_->addresses().front());
  options.public_url = settings_.server.public_url;
  options.own_listeners = own_listeners(settings_, *server_);
  options.own_hosts = own_hosts(settings_, options.own_listeners, machine_name());
  options.allowed_hosts = settings_.server.allowed_hosts;
  options.in_network = settings_.exposure().beyond_loopback;
  options.address_policy = settings_.address_policy();
  options.attempt_timeout = settings_.delivery.timeout;
  options.cors_allow_origins = settings_.cors.allow_origins;
  options.max_body_bytes = settings_.limits.max_body_bytes;
  options.max_event_body_bytes = settings_.limits.max_event_bytes;
  options.assets = embedded::assets();
  return options;
}

std::optional<std::string> Node::not_ready() const {
  if (!engine_->store_works()) return "The store cannot be written.";
  if (engine_->disk_is_low()) return "The disk of the data is nearly full (limits.min_free_disk).";
  return std::nullopt;
}

void Node::serve_calls() {
  figures_ = std::make_unique<NodeFigures>(*server_, *sender_, *store_, log_,
                                           std::as_const(logs_).troubles(), started_at_);
  metrics_ = std::make_unique<observe::Metrics>(EXPOSEE_VERSION, engine_meter_, call_meter_, *figures_);
  const api::ApiDoors doors{engine_->commands(), *engine_,        *store_, *sender_, clock_,
                            random_,             call_observers_, *this,   *metrics_};
  api_ = std::make_unique<api::Api>(doors, api_options());
  server_->start(*api_);
}

Result<void> Node::apply(const Settings& settings) {
  EXPOSEE_TRY(sender_->set_rules(settings.address_policy()));
  server_->run_between_calls(
      [&] { api_->set_rules(settings.address_policy(), settings.cors.allow_origins); });
  return {};
}

// Calls in hand need the engine for their replies, so it ends after them; its attempts finish meanwhile.
Drained Node::drain(std::chrono::milliseconds patience) {
  const auto deadline = clock_.monotonic() + patience;
  engine_->hold_attempts();
  Drained left;
  const bool drained = server_->drain(patience);
  engine_->request_stop(std::max(Duration::zero(), deadline - clock_.monotonic()));
  engine_thread_.join();
  if (!drained && !server_->drain(kLastReplies)) left.connections_cut = server_->open_connections();
  end_threads();
  left.attempts_given_up = engine_->dispatcher().flights();
  left.outcomes_unwritten = engine_->unwritten();
  return left;
}

// After the engine's. The sender last: until the other two have ended they may hand it jobs.
void Node::end_threads() {
  backlog_->stop();
  server_->stop();
  sender_->stop();
}

}  // namespace exposee::app
