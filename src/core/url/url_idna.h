// International host names: a part of core/url/url_host.h, which alone should call this. Unicode's UTS #46 as the
// URL standard asks for it ("domain to ASCII", beStrict false): non-transitional, any hyphens, symbols and
// pictographs too, joiners and writing directions checked, no limit of length. ICU's tables. Pure; any
// thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace exposee {

// All labels in ASCII. `name`: valid UTF-8, labels divided by dots. Error: what no name may have.
std::expected<std::string, std::string> domain_to_ascii(std::string_view name);

// What a label in punycode stands for; itself when it stands for nothing.
std::string label_to_unicode(std::string_view label);

}  // namespace exposee
