#include "http/chunked_body.h"

#include "core/assert.h"
#include "http/limits.h"

namespace exposee::http {
namespace {

// What llhttp must have read to expect chunks: the head itself is read elsewhere.
constexpr std::string_view kHead = "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n";

constexpr SectionRules kHeadRules{
    .max_start_bytes = kHead.size(),
    .max_field_bytes = kHead.size(),
    .max_fields = 1,
};

}  // namespace

ChunkedBody::ChunkedBody(BodySink& sink)
    : MessageReader(HTTP_RESPONSE, kHeadRules, no_fields_), sink_(sink) {}

void ChunkedBody::begin() {
  begin_message();
  const auto step = read(kHead);
  EXPOSEE_ASSERT(step.state == ReadState::need_more && step.consumed == kHead.size(), "our own head is read");
}

bool ChunkedBody::on_body_bytes(std::string_view bytes) {
  if (sink_.body_bytes(bytes)) return true;
  cut_short();
  return false;
}

}  // namespace exposee::http
