#include "http/request_parser.h"

#include <algorithm>
#include <array>

#include "core/assert.h"
#include "core/text/give_back.h"
#include "http/limits.h"
#include "http/request_line.h"

namespace exposee::http {
namespace {

// The sentences below name them.
static_assert(kMaxRequestLineBytes == 8 * 1024 && kMaxHeaderBytes == 16 * 1024 && kMaxHeaderFields == 100);

constexpr SectionRules kRequestHeadRules{
    .max_leading_empty = kMaxLeadingEmptyLines,
    .max_start_bytes = kMaxRequestLineBytes,
    .max_field_bytes = kMaxHeaderBytes,
    .max_fields = kMaxHeaderFields,
    .start_too_long = {FaultKind::request_line_too_long, "The request line is longer than 8 KiB."},
    .fields_too_long = {FaultKind::fields_too_large, "The header fields are larger than 16 KiB."},
    .too_many_fields = {FaultKind::fields_too_large, "There are more than 100 header fields."},
};

constexpr Fault kUnknownMethod{FaultKind::method_not_implemented, "The method is not known."};
// Of other protocols, whatever llhttp takes them for.
constexpr std::array<std::string_view, 2> kForeignMethods = {"PRI", "SOURCE"};

// Whether it is a method of HTTP, though perhaps of no call here.
bool is_registered(std::string_view method) {
#define EXPOSEE_NAME(number, name, text) std::string_view(#text),
  static constexpr auto kMethods = std::to_array<std::string_view>({HTTP_METHOD_MAP(EXPOSEE_NAME)});
#undef EXPOSEE_NAME
  const auto names = [&](std::string_view name) { return name == method; };
  return std::ranges::any_of(kMethods, names) && std::ranges::none_of(kForeignMethods, names);
}

// Room of an ordinary request's parts that the connection's next one uses again; idle connections are many.
constexpr std::size_t kMaxTargetKept = 256, kMaxBodyKept = 1024;

constexpr Fault kBodyTooLarge{FaultKind::body_too_large, "The body is larger than this call takes."};

}  // namespace

RequestParser::RequestParser() : MessageReader(HTTP_REQUEST, kRequestHeadRules, request_.headers) {
  next();
}

void RequestParser::next() {
  begin_message();
  request_.method = Method::get;
  request_.method_text.clear();
  clear_to(request_.target, kMaxTargetKept);
  clear_to(request_.body, kMaxBodyKept);
  request_.minor_version = 1;
  request_.keep_alive = true;
  body_limit_ = 0;
  expects_continue_ = false;
  request_.whole_head = false;
  method_fault_ = {};
}

ReadStep RequestParser::feed(std::string_view bytes) {
  return read(bytes);
}

ReadState RequestParser::set_body_limit(std::size_t limit_bytes) {
  EXPOSEE_ASSERT(state() == ReadState::head_complete, "a body limit is set once, between head and body");
  body_limit_ = limit_bytes;
  if (content_length() > limit_bytes) {
    refuse(kBodyTooLarge);
  } else {
    request_.body.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(content_length(), kMaxBodyReserve)));
    read_body();
  }
  return state();
}

bool RequestParser::expects_continue() const {
  return expects_continue_ && state() == ReadState::need_more && !body_begun();
}

bool RequestParser::on_start_line(std::string_view text) {
  const RequestLine line = parse_request_line(text);
  request_.method = parse_method(line.method);
  const bool is_known = request_.method != Method::other || is_registered(line.method);
  method_fault_ = is_known ? line.fault : kUnknownMethod;
  if (line.fault && line.fault.kind != FaultKind::method_not_implemented) return refuse(line.fault);
  if (method_fault_) hide_start_line();
  request_.method_text = line.method;
  request_.target = line.target;
  request_.minor_version = line.minor_version;
  return true;
}

MessageReader::AfterHead RequestParser::on_head() {
  const HeadFacts facts = gather_facts(request_.headers);
  const int minor_version = request_.minor_version;
  Fault fault = framing_fault(facts, minor_version);
  if (!fault) fault = host_fault(facts, minor_version);
  std::string authority;
  if (!fault && !method_fault_) fault = settle_target(request_.method, request_.target, authority);
  request_.whole_head = !fault;
  if (!fault) fault = method_fault_;
  if (fault) {
    refuse(fault);
    return AfterHead::refused;
  }
  if (!authority.empty()) request_.headers.replace("Host", authority);
  request_.keep_alive = keeps_connection(facts, minor_version);
  expects_continue_ = facts.expect_continue && minor_version >= 1;
  return AfterHead::pause;
}

bool RequestParser::on_chunk_size(std::uint64_t bytes) {
  return bytes <= body_limit_ - request_.body.size() || refuse(kBodyTooLarge);
}

bool RequestParser::on_body_bytes(std::string_view bytes) {
  request_.body.append(bytes);
  return true;
}

}  // namespace exposee::http
