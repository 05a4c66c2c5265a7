#include "http/message.h"

#include <gtest/gtest.h>

namespace exposee::http {
namespace {

TEST(Fields, KeepOrderAndSpellingAndAreFoundIgnoringCase) {
  Fields fields;
  fields.add("Host", "a");
  fields.add("X-Empty", "");
  fields.add("x-two", "first");
  fields.add("X-TWO", "second");
  ASSERT_EQ(fields.size(), 4u);
  EXPECT_EQ(fields.name(3), "X-TWO");
  EXPECT_EQ(fields.value(3), "second");
  EXPECT_EQ(fields.find("host"), "a");
  EXPECT_EQ(fields.find("x-empty"), "");
  EXPECT_EQ(fields.find("X-Two"), "first");
  EXPECT_EQ(fields.find("x-three"), std::nullopt);
  fields.clear();
  EXPECT_EQ(fields.size(), 0u);
  EXPECT_EQ(fields.find("host"), std::nullopt);
}

TEST(Request, PathAndQueryAreTheTwoSidesOfTheFirstQuestionMark) {
  struct Row {
    const char *target, *path, *query;
  };
  for (const Row& row : {Row{"/webhooks?event_filter=x", "/webhooks", "event_filter=x"}, Row{"/a", "/a", ""},
                         Row{"/a?", "/a", ""}, Row{"/a?b?c", "/a", "b?c"}, Row{"*", "*", ""}}) {
    Request request;
    request.target = row.target;
    EXPECT_EQ(request.path(), row.path) << row.target;
    EXPECT_EQ(request.query(), row.query) << row.target;
  }
}

TEST(Fields, AreReplacedWhereTheyStand) {
  Fields fields{{"A", "1"}, {"b", "2"}, {"B", "3"}};
  fields.replace("B", "a longer value");
  fields.replace("C", "4");
  EXPECT_EQ(fields.find("b"), "a longer value");
  EXPECT_EQ(fields.value(2), "3");
  EXPECT_EQ(fields.find("a"), "1");
  EXPECT_EQ(fields.find("c"), "4");
}

TEST(Fields, AnEmptyValueGoesOn) {
  Fields fields{{"A", "1"}, {"b", ""}};
  fields.extend_last_value("2");
  fields.extend_last_value("3");
  EXPECT_EQ(fields.find("b"), "2 3");
  EXPECT_EQ(fields.find("a"), "1");
}

TEST(Methods, ReadAndWriteTheSameWords) {
  for (const auto method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del, Method::options}) {
    EXPECT_EQ(parse_method(to_text(method)), method);
  }
  EXPECT_EQ(parse_method("DELETE"), Method::del);
  EXPECT_EQ(parse_method("get"), Method::other);
  EXPECT_EQ(parse_method("PROPFIND"), Method::other);
  EXPECT_EQ(to_text(Method::other), "");
}

TEST(ReasonPhrase, IsEmptyForStatusesNobodyNamed) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(299), "");
}

}  // namespace
}  // namespace exposee::http
