#include "core/time.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/assert.h"
#include "core/text/ascii.h"

namespace exposee {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kShortName = 3;  // letters of a weekday in the short forms

// A date and a time of day as they are written.
struct Civil {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  unsigned weekday = 0;  // 0 is Sunday; only set by to_civil
};

Civil to_civil(Instant t) {
  const auto midnight = floor<days>(t);
  const year_month_day date{midnight};
  const auto of_day = (t - midnight).count();  // microseconds
  const auto second_of_day = static_cast<unsigned>(of_day / 1'000'000);
  return Civil{static_cast<int>(date.year()),
               static_cast<unsigned>(date.month()),
               static_cast<unsigned>(date.day()),
               second_of_day / 3600,
               second_of_day / 60 % 60,
               second_of_day % 60,
               static_cast<unsigned>(of_day % 1'000'000),
               std::chrono::weekday{midnight}.c_encoding()};
}

// Nothing when there is no such date or time. A leap second (60) counts as the first of the next minute.
std::optional<Instant> to_instant(const Civil& c) {
  const year_month_day date{std::chrono::year{c.year}, std::chrono::month{c.month}, std::chrono::day{c.day}};
  if (!date.ok() || c.hour > 23 || c.minute > 59 || c.second > 60) return std::nullopt;
  return Instant{sys_days{date}} + hours{c.hour} + minutes{c.minute} + seconds{c.second} +
         microseconds{c.micros};
}

bool has_four_digit_year(Instant t) {
  constexpr auto first =
      Instant{sys_days{year_month_day{std::chrono::year{0}, std::chrono::January, std::chrono::day{1}}}};
  constexpr auto end =
      Instant{sys_days{year_month_day{std::chrono::year{10'000}, std::chrono::January, std::chrono::day{1}}}};
  return first <= t && t < end;
}

// "00" to "99": every event has two times written out.
constexpr auto kDigitPairs = [] {
  std::array<std::array<char, 2>, 100> pairs{};
  for (unsigned n = 0; n < pairs.size(); ++n)
    pairs[n] = {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
  return pairs;
}();

// `count`: even.
void put_digits(char* at, unsigned value, int count) {
  for (int i = count - 2; i >= 0; i -= 2) {
    std::memcpy(at + i, kDigitPairs[value % 100].data(), 2);
    value /= 100;
  }
}

// Reads a text from left to right. The first mismatch makes every later step a no-op and done() false, so
// that a grammar reads as a straight list of steps.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return ok_ && rest_.empty(); }
  bool next_is(std::string_view any_of) const {
    return ok_ && !rest_.empty() && any_of.find(rest_.front()) != std::string_view::npos;
  }

  void expect(std::string_view literal) {
    if (ok_ && rest_.starts_with(literal)) return rest_.remove_prefix(literal.size());
    ok_ = false;
  }
  char one_of(std::string_view any_of) {
    if (!next_is(any_of)) return fail();
    return take();
  }
  unsigned digits(int count) {
    unsigned value = 0;
    for (int i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }
  // 1 to 9 decimals after a point, cut to microseconds.
  unsigned decimals() {
    constexpr int kKept = 6, kMost = 9;
    unsigned value = 0;
    int count = 0;
    for (; count == 0 || next_is("0123456789"); ++count) {
      const unsigned d = digit();
      if (count < kKept) value = value * 10 + d;
      if (count >= kMost) ok_ = false;
      if (!ok_) return 0;
    }
    for (; count < kKept; ++count) value *= 10;
    return value;
  }
  // Position of the name that comes next, compared by its first `letters` characters (0: all of them).
  template <std::size_t N>
  unsigned name(const std::array<std::string_view, N>& names, std::size_t letters) {
    for (unsigned i = 0; ok_ && i < N; ++i) {
      const auto name = letters == 0 ? names[i] : names[i].substr(0, letters);
      if (!rest_.starts_with(name)) continue;
      rest_.remove_prefix(name.size());
      return i;
    }
    return static_cast<unsigned>(fail());
  }

 private:
  unsigned digit() {
    if (!ok_ || rest_.empty() || !is_digit(rest_.front())) return static_cast<unsigned>(fail());
    return static_cast<unsigned>(take() - '0');
  }
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  char fail() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

void read_time_of_day(Scanner& in, Civil& c) {
  c.hour = in.digits(2);
  in.expect(":");
  c.minute = in.digits(2);
  in.expect(":");
  c.second = in.digits(2);
}

// What an RFC 3339 offset adds to UTC; nothing when out of range.
std::optional<minutes> read_offset(Scanner& in) {
  const char sign = in.one_of("Zz+-");
  if (sign == 'Z' || sign == 'z') return minutes{0};
  const unsigned hour = in.digits(2);
  in.expect(":");
  const unsigned minute = in.digits(2);
  if (hour > 23 || minute > 59) return std::nullopt;
  const minutes size = hours{hour} + minutes{minute};
  return sign == '-' ? -size : size;
}

// RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<Instant> parse_imf_fixdate(std::string_view text) {
  Scanner in(text);
  Civil c;
  in.name(kWeekdays, kShortName);
  in.expect(", ");
  c.day = in.digits(2);
  in.expect(" ");
  c.month = in.name(kMonths, 0) + 1;
  in.expect(" ");
  c.year = static_cast<int>(in.digits(4));
  in.expect(" ");
  read_time_of_day(in, c);
  in.expect(" GMT");
  return in.done() ? to_instant(c) : std::nullopt;
}

// RFC 850's "Sunday, 06-Nov-94 08:49:37 GMT". The century of its two digits is POSIX's: 69 to 99 are 19xx.
// (RFC 9110 would take "now" into account; for dates that anyone sends today both say the same.)
std::optional<Instant> parse_rfc850_date(std::string_view text) {
  constexpr int kFirstOf1900s = 69;
  Scanner in(text);
  Civil c;
  in.name(kWeekdays, 0);
  in.expect(", ");
  c.day = in.digits(2);
  in.expect("-");
  c.month = in.name(kMonths, 0) + 1;
  in.expect("-");
  c.year = static_cast<int>(in.digits(2));
  c.year += c.year >= kFirstOf1900s ? 1900 : 2000;
  in.expect(" ");
  read_time_of_day(in, c);
  in.expect(" GMT");
  return in.done() ? to_instant(c) : std::nullopt;
}

// C's asctime: "Sun Nov  6 08:49:37 1994".
std::optional<Instant> parse_asctime_date(std::string_view text) {
  Scanner in(text);
  Civil c;
  in.name(kWeekdays, kShortName);
  in.expect(" ");
  c.month = in.name(kMonths, 0) + 1;
  in.expect(" ");
  const bool one_digit = in.next_is(" ");
  if (one_digit) in.expect(" ");
  c.day = in.digits(one_digit ? 1 : 2);
  in.expect(" ");
  read_time_of_day(in, c);
  in.expect(" ");
  c.year = static_cast<int>(in.digits(4));
  return in.done() ? to_instant(c) : std::nullopt;
}

}  // namespace

IsoChars iso_chars(Instant t) {
  EXPOSEE_ASSERT(has_four_digit_year(t), "a time is shown with a year of four digits");
  const Civil c = to_civil(t);
  auto text = fixed_text("0000-00-00T00:00:00.000000+00:00");
  char* const at = text.chars.data();
  put_digits(at, static_cast<unsigned>(c.year), 4);
  put_digits(at + 5, c.month, 2);
  put_digits(at + 8, c.day, 2);
  put_digits(at + 11, c.hour, 2);
  put_digits(at + 14, c.minute, 2);
  put_digits(at + 17, c.second, 2);
  put_digits(at + 20, c.micros, 6);
  return text;
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  Civil c;
  c.year = static_cast<int>(in.digits(4));
  in.expect("-");
  c.month = in.digits(2);
  in.expect("-");
  c.day = in.digits(2);
  in.one_of("Tt");
  read_time_of_day(in, c);
  if (in.next_is(".")) {
    in.expect(".");
    c.micros = in.decimals();
  }
  const auto offset = read_offset(in);
  const auto local = to_instant(c);
  if (!in.done() || !offset || !local) return std::nullopt;
  const Instant utc = *local - *offset;
  // RFC 3339 5.7: a second 60 exists only at the end of a day in UTC.
  if (c.second == 60 && floor<seconds>(utc) != floor<days>(utc)) return std::nullopt;
  return has_four_digit_year(utc) ? std::optional{utc} : std::nullopt;
}

std::optional<Instant> parse_http_date(std::string_view text) {
  if (auto t = parse_imf_fixdate(text)) return t;
  if (auto t = parse_rfc850_date(text)) return t;
  return parse_asctime_date(text);
}

std::string http_date(Instant t) {
  EXPOSEE_ASSERT(has_four_digit_year(t), "a time is shown with a year of four digits");
  const Civil c = to_civil(t);
  std::string text = "Sun, 00 Jan 0000 00:00:00 GMT";
  std::ranges::copy(kWeekdays[c.weekday].substr(0, kShortName), text.begin());
  std::ranges::copy(kMonths[c.month - 1], text.begin() + 8);
  put_digits(&text[5], c.day, 2);
  put_digits(&text[12], static_cast<unsigned>(c.year), 4);
  put_digits(&text[17], c.hour, 2);
  put_digits(&text[20], c.minute, 2);
  put_digits(&text[23], c.second, 2);
  return text;
}

}  // namespace exposee
