#include "sim/world/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

namespace exposee::sim {

namespace {

constexpr const char* kReceiver = "93.184.216.34";
constexpr const char* kPrivate[] = {"10.1.2.3", "127.0.0.1", "192.168.7.7", "fd12::1", "::ffff:10.1.2.3"};
// Of clouds: whoever reaches them gets this machine's credentials.
constexpr const char* kMetadata[] = {"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
                                     "fd00:ec2::254"};

bool is_one_of(std::span<const char* const> texts, const IpAddress& address) {
  return std::ranges::any_of(texts, [&](const char* text) { return IpAddress::parse(text) == address; });
}

std::string_view field(std::string_view head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string_view::npos) return {};
  const auto value = head.substr(at + name.size() + 4);
  return value.substr(0, value.find("\r\n"));
}

// As it may be used by whoever reads it.
std::string_view bare(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  return secret.starts_with(kPrefix) ? secret.substr(kPrefix.size()) : secret;
}

}  // namespace

// As everybody starts: private receivers are allowed.
Wire::Wire(World& world, std::uint64_t seed, double elsewhere)
    : world_(world), random_(~seed), elsewhere_(elsewhere), gate_(AddressPolicy{.allow_private = true}) {
  world_.sender.transmits = [this](const SendJob& job) { return send(job); };
  world_.observer.on_words = [this](std::string_view words) { check_words(words); };
}

void Wire::is_created(const Endpoint& endpoint) {
  told_[endpoint.number] = {endpoint.url, endpoint.secret, endpoint.settings.public_only};
}

// Why it is not sent; nothing: it has arrived.
std::optional<std::string> Wire::send(const SendJob& job) {
  const auto& target = *job.target;
  if (!target.blocked.empty()) return target.blocked;
  const auto addresses = resolve();
  const auto why = gate_.refuse(addresses, target.url.port, target.url.host, target.public_only);
  if (why && !world_.sender.judges_no_address) return why;
  const auto told = told_of(target.endpoint);
  EXPECT_EQ(target.url.text, told.url) << "it goes where its endpoint is";
  check_address(told, addresses);
  check_request(told, job, request_of(job));
  return std::nullopt;
}

// One that leads elsewhere may lead to its receiver besides.
std::vector<IpAddress> Wire::resolve() {
  std::vector<IpAddress> addresses;
  const bool elsewhere = random_.chance(elsewhere_);
  if (!elsewhere || random_.chance(0.3)) addresses.push_back(*IpAddress::parse(kReceiver));
  if (!elsewhere) return addresses;
  std::span<const char* const> others(kPrivate);
  if (random_.chance(0.3)) others = kMetadata;
  addresses.push_back(*IpAddress::parse(others[random_.below(others.size())]));
  return addresses;
}

std::string Wire::request_of(const SendJob& job) {
  std::string head;
  heads_.write(net::target_head(*job.target), job, world_.clock.now(), head);
  if (world_.sender.spoils_request) world_.sender.spoils_request(*job.target, head);
  return head;
}

// What nobody was told is as it is registered.
Wire::Told Wire::told_of(EndpointNumber number) const {
  const auto known = told_.find(number);
  auto told = known == told_.end() ? Told{} : known->second;
  if (!told.url.empty()) return told;
  const auto registry = world_.engine->registry();
  const auto* endpoint = registry->endpoint_numbered(number);
  told.url = endpoint->url;
  told.secret = endpoint->secret;
  return told;
}

void Wire::check_address(const Told& told, const std::vector<IpAddress>& addresses) const {
  for (const auto& address : addresses) {
    EXPECT_FALSE(is_one_of(kMetadata, address)) << "I11: never " << address.text();
    EXPECT_FALSE(told.public_only.value_or(false) && is_one_of(kPrivate, address))
        << "I11: it goes to public addresses only, not to " << address.text();
  }
}

// Signed with the key of this endpoint, which is told to nobody.
void Wire::check_request(const Told& told, const SendJob& job, std::string_view head) {
  const auto& body = job.event->body;
  const std::string id(field(head, "webhook-id"));
  const auto key = SigningKey::parse(told.secret);
  ASSERT_TRUE(key);
  const auto seconds = to_unix_seconds(world_.clock.now());
  EXPECT_EQ(field(head, "webhook-timestamp"), std::to_string(seconds));
  EXPECT_TRUE(verify_signature(*key, id, seconds, body, field(head, "webhook-signature")))
      << "I12: its own key signs, and no other";
  EXPECT_EQ(ids_.emplace(job.event->id, id).first->second, id) << "I5: the same id over all attempts";
  for (const auto secret : {bare(told.secret), key->bytes()}) {
    EXPECT_EQ(head.find(secret), std::string_view::npos) << "I12: a secret is sent";
    EXPECT_EQ(body.find(secret), std::string::npos) << "I12: a secret is sent";
  }
}

// What logs and lists show.
void Wire::check_words(std::string_view words) const {
  for (const auto& [number, told] : told_) {
    if (told.secret.empty()) continue;
    EXPECT_EQ(words.find(bare(told.secret)), std::string_view::npos) << "I12: a secret is told";
  }
}

}  // namespace exposee::sim
