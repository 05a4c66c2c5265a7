#include "cli/client/http.h"

#include <fmt/format.h>

#include <memory>
#include <system_error>

#include "cli/client/curl_library.h"

namespace exposee::cli {
namespace {

struct Received {
  std::string body;
  std::size_t limit;
  bool too_long = false;
};

std::size_t take(char* bytes, std::size_t, std::size_t count, void* into) {
  auto& received = *static_cast<Received*>(into);
  received.too_long = count > received.limit - received.body.size();
  if (received.too_long) return 0;  // ends the transfer
  received.body.append(bytes, count);
  return count;
}

// The handle, its headers and its buffers, for one call.
class Transfer {
 public:
  Transfer(const CurlLibrary& curl, const HttpCall& call)
      : curl_(curl), call_(call), received_{{}, call.max_reply_bytes}, easy_(curl.easy_init(), curl.easy_cleanup) {}
  ~Transfer() { curl_.slist_free_all(headers_); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  std::expected<HttpReply, HttpError> run() {
    if (!easy_) return std::unexpected(HttpError{HttpFailure::no_library, "libcurl has no memory"});
    ask();
    limit();
    const CURLcode code = curl_.easy_perform(easy_.get());
    if (code != CURLE_OK) return std::unexpected(error_of(code));
    return HttpReply{static_cast<int>(number(CURLINFO_RESPONSE_CODE)), std::move(received_.body)};
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    curl_.easy_setopt(easy_.get(), option, value);
  }
  long number(CURLINFO what) const {
    long value = 0;
    curl_.easy_getinfo(easy_.get(), what, &value);
    return value;
  }
  void add_header(const std::string& line) { headers_ = curl_.slist_append(headers_, line.c_str()); }

  void ask() {
    set(CURLOPT_URL, call_.url.text.c_str());
    set(CURLOPT_CUSTOMREQUEST, call_.method.c_str());
    set(CURLOPT_USERAGENT, "Exposee/" EXPOSEE_VERSION);
    add_header("Accept: application/json");
    if (!call_.body.empty()) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
      set(CURLOPT_POSTFIELDS, call_.body.data());
      add_header("Content-Type: application/json");
      add_header("Expect:");  // a body this small is sent with its head
    }
    if (!call_.idempotency_key.empty()) add_header("Idempotency-Key: " + call_.idempotency_key);
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_WRITEFUNCTION, &take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&received_));
    set(CURLOPT_ERRORBUFFER, words_);
  }

  void limit() {
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(call_.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call_.timeout.count()));
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    if (is_loopback(call_.url)) set(CURLOPT_PROXY, "");
    if (!call_.ca_file.empty()) set(CURLOPT_CAINFO, call_.ca_file.c_str());
  }

  HttpError error_of(CURLcode code) const;

  const CurlLibrary& curl_;
  const HttpCall& call_;
  Received received_;
  curl_slist* headers_ = nullptr;
  char words_[CURL_ERROR_SIZE] = "";
  std::unique_ptr<CURL, void (*)(CURL*)> easy_;
};

HttpError Transfer::error_of(CURLcode code) const {
  const std::string words = words_[0] != '\0' ? words_ : curl_.easy_strerror(code);
  if (received_.too_long) {
    return {HttpFailure::bad_reply, fmt::format("The reply is longer than {} bytes", received_.limit)};
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {HttpFailure::unreachable, "Name does not resolve"};
    case CURLE_COULDNT_CONNECT: {
      const long fault = number(CURLINFO_OS_ERRNO);
      return {HttpFailure::unreachable,
              fault == 0 ? words : std::generic_category().message(static_cast<int>(fault))};
    }
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t connected = 0;
      curl_.easy_getinfo(easy_.get(), CURLINFO_CONNECT_TIME_T, &connected);
      if (connected == 0) return {HttpFailure::unreachable, "Connect timed out"};
      return {HttpFailure::timed_out, "No reply in time"};
    }
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return {HttpFailure::broke_off, "The connection ended before the reply was whole"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return {HttpFailure::unreachable, words};
    case CURLE_SSL_CACERT_BADFILE:
      return {HttpFailure::bad_ca_file, words};
    default:
      return {HttpFailure::bad_reply, words};
  }
}

}  // namespace

bool is_loopback(const Url& url) {
  switch (url.host_kind) {
    case HostKind::ipv4:
      return url.host.starts_with("127.");
    case HostKind::ipv6:
      return url.host == "::1";
    case HostKind::name:
      break;
  }
  return url.host == "localhost" || url.host.ends_with(".localhost");
}

std::expected<HttpReply, HttpError> http_call(const HttpCall& call) {
  const auto curl = load_curl();
  if (!curl) return std::unexpected(HttpError{HttpFailure::no_library, curl.error()});
  return Transfer(*curl, call).run();
}

}  // namespace exposee::cli
