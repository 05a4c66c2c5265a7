#include "http/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace exposee::http {
namespace {

constexpr std::size_t kLimit = 256 * 1024;

std::string gzip(std::string_view plain) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Bytes that do not repeat.
std::string dense(std::size_t size) {
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < size) text.push_back(static_cast<char>((state = state * 1664525 + 1013904223) >> 24));
  return text;
}

TEST(ContentCodings, AreReadFromEveryField) {
  struct Row {
    Fields fields;
    ContentCoding coding;
  };
  const Row rows[] = {
      {{}, ContentCoding::identity},
      {{{"Content-Encoding", ""}}, ContentCoding::identity},
      {{{"content-encoding", "Identity"}}, ContentCoding::identity},
      {{{"Content-Encoding", "gzip"}}, ContentCoding::gzip},
      {{{"content-encoding", "X-GZip"}}, ContentCoding::gzip},
      {{{"Content-Encoding", "identity"}, {"Content-Encoding", "gzip"}}, ContentCoding::gzip},
      {{{"Content-Encoding", "gzip"}, {"Content-Encoding", "gzip"}}, ContentCoding::other},
      {{{"Content-Encoding", "gzip, gzip"}}, ContentCoding::other},
      {{{"Content-Encoding", "br"}}, ContentCoding::other},
      {{{"Content-Encoding", "deflate"}}, ContentCoding::other},
      {{{"Content-Encoding", "aws-chunked"}}, ContentCoding::other},
      {{{"Content-Encoding", "gzip"}, {"Content-Encoding", "zstd"}}, ContentCoding::other},
      {{{"X-Content-Encoding", "br"}}, ContentCoding::identity},
  };
  for (const Row& row : rows) {
    const auto first = row.fields.size() == 0 ? std::string_view("none") : row.fields.value(0);
    EXPECT_EQ(content_coding(row.fields), row.coding) << first;
  }
}

TEST(Gunzip, GivesBackWhatWasPacked) {
  for (const std::string& plain :
       {std::string(), std::string("{\"a\":1}"), dense(kLimit), std::string(64 * 1024, 'a')}) {
    std::string body = gzip(plain);
    const Fault fault = gunzip(body, kLimit);
    EXPECT_FALSE(fault) << fault.sentence;
    EXPECT_TRUE(body == plain) << plain.size();
  }
}

TEST(Gunzip, MembersFollowEachOther) {
  std::string body = gzip("{\"a\":") + gzip("1}");
  EXPECT_FALSE(gunzip(body, kLimit));
  EXPECT_EQ(body, "{\"a\":1}");
}

TEST(Gunzip, RefusesWhatIsDamagedOrTooLarge) {
  const std::string good = gzip("{\"hello\":\"world\"}");
  std::string wrong_sum = good;
  wrong_sum[wrong_sum.size() - 8] ^= 1;
  struct Row {
    const char* name;
    std::string body;
    std::size_t limit;
    FaultKind kind;
  };
  using enum FaultKind;
  const Row rows[] = {
      {"not gzip at all", "{\"a\":1}", kLimit, malformed},
      {"zlib's own format", std::string("\x78\x9c\x03\x00\x00\x00\x00\x01", 8), kLimit, malformed},
      {"a wrong checksum", wrong_sum, kLimit, malformed},
      {"bytes behind the end", good + "x", kLimit, malformed},
      {"exactly the limit", gzip(dense(1000)), 1000, none},
      {"one byte over the limit", gzip(dense(1001)), 1000, body_too_large},
      {"two members over the limit", gzip(dense(600)) + gzip(dense(600)), 1000, body_too_large},
      {"a bomb", gzip(std::string(32 * 1024 * 1024, '0')), 16 * 1024 * 1024, expands_too_far},
      {"a bomb within the limit", gzip(std::string(1024 * 1024, '0')), 16 * 1024 * 1024, expands_too_far},
  };
  for (const Row& row : rows) {
    std::string body = row.body;
    const Fault fault = gunzip(body, row.limit);
    EXPECT_EQ(fault.kind, row.kind) << row.name << ": " << fault.sentence;
    if (row.kind != none) {
      EXPECT_EQ(body, row.body) << row.name;
    }
  }
}

TEST(Gunzip, RefusesABodyThatIsCutOffAnywhere) {
  const std::string good = gzip("{\"hello\":\"world\"}");
  for (std::size_t size = 1; size < good.size(); ++size) {
    std::string body = good.substr(0, size);
    EXPECT_EQ(gunzip(body, kLimit).kind, FaultKind::malformed) << size;
  }
}

}  // namespace
}  // namespace exposee::http
