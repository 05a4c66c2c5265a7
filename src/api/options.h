// What app/ decides about the API once, at the start. A value; read by every thread afterwards.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/address.h"
#include "core/address/own_listener.h"
#include "embedded/web_assets.h"

namespace exposee::api {

constexpr std::string_view kAnyHost = "*";  // of server.allowed_hosts

struct ApiOptions {
  // How this machine calls this server: no slash at the end. Documents name it when they know no better
  // (api/access/access.h).
  std::string base_url = "http://127.0.0.1:8000";
  std::string public_url;  // server.public_url: how others call it; may have a path; empty: none
  std::string version = EXPOSEE_VERSION;

  // Which Host headers are ours (api/access/own_host.h): names and addresses without port, brackets kept
  // ("127.0.0.1", "[::1]", "localhost");
  std::vector<std::string> own_hosts;
  std::vector<std::string> allowed_hosts;  // server.allowed_hosts: lower-case names, "*.suffix", kAnyHost;
  bool in_network = false;  // others reach a listener directly: what only their network can name is ours too
  // Origins that may make the contract's calls from a browser: "*" or "https://shop.example" entries.
  std::vector<std::string> cors_allow_origins{"*"};

  AddressPolicy address_policy;                       // judges URLs when they are registered
  OwnListeners own_listeners;                         // refused as well, whatever the policy allows
  std::chrono::milliseconds attempt_timeout{};        // of endpoints that set none (D7); always given

  unsigned read_threads = 2;
  std::size_t max_queued_reads = 256;  // more are refused with 503
  // A list up to this is answered at once, a longer one piece by piece (api/contract/list_reply.h). With the
  // row that passes it a piece is about half of what the server takes ahead of a client, so that one can be
  // read while another is sent.
  std::size_t list_piece_bytes = 48 * 1024;

  std::size_t max_event_body_bytes = 256 * 1024;  // of POST /v1/events
  std::size_t max_body_bytes = 16 * 1024;         // of every other call

  std::span<const embedded::Asset> assets;  // the files of /docs
};

}  // namespace exposee::api
