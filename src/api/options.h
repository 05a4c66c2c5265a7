// What app/ decides about the API once, at the start. A value; read by every thread afterwards.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "core/address/address.h"
#include "core/address/own_listener.h"
#include "embedded/web_assets.h"

namespace exposee::api {

struct ApiOptions {
  // How this machine calls this server: no slash at the end. Documents name it when they know no better
  // (api/access/access.h).
  std::string base_url = "http://127.0.0.1:8000";
  std::string public_url;  // server.public_url: how others call it; may have a path; empty: none
  std::string version = EXPOSEE_VERSION;

  // Host names, lower case, without port, brackets kept ("127.0.0.1", "[::1]", "localhost"), under which /v1
  // may be called. Empty: any. Set when listening on loopback only, where a foreign page could otherwise
  // reach it by making its own name resolve to 127.0.0.1 (DNS rebinding, promises section 4).
  std::vector<std::string> allowed_hosts;
  bool in_network =
      false;  // others reach a listener directly: names without a dot and addresses are ours too
  // Origins that may make the contract's calls from a browser: "*" or "https://shop.example" entries.
  std::vector<std::string> cors_allow_origins{"*"};

  AddressPolicy address_policy;                       // judges URLs when they are registered
  OwnListeners own_listeners;                         // refused as well, whatever the policy allows
  std::chrono::milliseconds attempt_timeout{15'000};  // of endpoints that set none: D7

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
