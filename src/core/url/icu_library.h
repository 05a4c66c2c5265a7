// ICU's conversions of international host names, loaded when the first such name comes: linked, ICU is the
// largest part of what an idle server holds that no name in ASCII needs
// (docs/decisions/0026-icu-is-loaded-when-a-name-needs-it.md). One place names the functions that are used;
// their types are ICU's own. Any thread.
#pragma once

#include <unicode/uidna.h>

#include <expected>
#include <string>

namespace exposee {

struct IcuLibrary {
  decltype(&::uidna_openUTS46) open = nullptr;
  decltype(&::uidna_nameToASCII_UTF8) name_to_ascii = nullptr;
  decltype(&::uidna_labelToUnicodeUTF8) label_to_unicode = nullptr;
  const UIDNA* processor = nullptr;  // UTS #46 as the URL standard asks for it
};

// `file`: of the very version whose headers were compiled against, as ICU's names carry it. Never unloaded.
// The error is a part of a sentence: why it cannot be.
std::expected<IcuLibrary, std::string> load_icu(const char* file);

// Loaded once for the process, at the first call.
const std::expected<IcuLibrary, std::string>& icu();

}  // namespace exposee
