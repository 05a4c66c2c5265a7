#include "core/url/url_idna.h"

#include <array>

#include "core/url/icu_library.h"

namespace exposee {
namespace {

// A host that is longer than this in punycode has a URL beyond the limit of URLs.
constexpr std::size_t kMaxBytes = 8 * 1024;

// CheckHyphens and VerifyDnsLength are false in the URL standard; ICU checks them always, and says so apart.
constexpr std::uint32_t kIgnored = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
                                   UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
                                   UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;

struct FaultWords {
  std::uint32_t fault;
  std::string_view words;
};
constexpr std::array kFaultWords = {
    FaultWords{UIDNA_ERROR_PUNYCODE, "a label that begins with xn-- is not valid punycode"},
    FaultWords{UIDNA_ERROR_INVALID_ACE_LABEL,
               "a label that begins with xn-- stands for one that is not valid"},
    FaultWords{UIDNA_ERROR_DISALLOWED, "it has a character that no name has"},
    FaultWords{UIDNA_ERROR_LEADING_COMBINING_MARK, "a label begins with a combining mark"},
    FaultWords{UIDNA_ERROR_LABEL_HAS_DOT, "a label in punycode has a dot"},
    FaultWords{UIDNA_ERROR_BIDI, "letters of both writing directions are mixed in it"},
    FaultWords{UIDNA_ERROR_CONTEXTJ, "it has a joiner where none may stand"},
};

std::string_view words_for(std::uint32_t faults) {
  for (const auto& [fault, words] : kFaultWords) {
    if ((faults & fault) != 0) return words;
  }
  return "it cannot be written in ASCII";
}

// `convert`: one of ICU's functions of this kind. Gives what it wrote, and its faults.
template <class Convert>
std::pair<std::string, std::uint32_t> run(Convert convert, const UIDNA* processor, std::string_view from) {
  std::string to(kMaxBytes, '\0');
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode code = U_ZERO_ERROR;
  const auto size = convert(processor, from.data(), static_cast<std::int32_t>(from.size()), to.data(),
                            static_cast<std::int32_t>(to.size()), &info, &code);
  if (U_FAILURE(code)) return {{}, UIDNA_ERROR_DISALLOWED};
  to.resize(static_cast<std::size_t>(size));
  return {std::move(to), info.errors & ~kIgnored};
}

}  // namespace

std::expected<std::string, std::string> domain_to_ascii(std::string_view name) {
  if (!icu())
    return std::unexpected("this machine lacks ICU, which international names need: " + icu().error());
  auto [ascii, faults] = run(icu()->name_to_ascii, icu()->processor, name);
  if (faults != 0) return std::unexpected(std::string(words_for(faults)));
  return std::move(ascii);
}

std::string label_to_unicode(std::string_view label) {
  if (!icu()) return std::string(label);
  auto [unicode, faults] = run(icu()->label_to_unicode, icu()->processor, label);
  return faults == 0 ? std::move(unicode) : std::string(label);
}

}  // namespace exposee
