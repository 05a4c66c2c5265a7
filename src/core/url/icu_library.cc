#include "core/url/icu_library.h"

#include <dlfcn.h>

// ICU's headers add the version to each name: uidna_openUTS46 is uidna_openUTS46_72 in the library.
#define EXPOSEE_TEXT_OF(name) #name
#define EXPOSEE_NAME_OF(name) EXPOSEE_TEXT_OF(name)

namespace exposee {
namespace {

constexpr auto kFile = "libicuuc.so." EXPOSEE_NAME_OF(U_ICU_VERSION_MAJOR_NUM);
constexpr std::uint32_t kOptions = UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
                                   UIDNA_NONTRANSITIONAL_TO_UNICODE;

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, IcuLibrary& icu) {
  return find(library, EXPOSEE_NAME_OF(uidna_openUTS46), icu.open) &&
         find(library, EXPOSEE_NAME_OF(uidna_nameToASCII_UTF8), icu.name_to_ascii) &&
         find(library, EXPOSEE_NAME_OF(uidna_labelToUnicodeUTF8), icu.label_to_unicode);
}

std::string last_words() {
  const char* words = ::dlerror();
  return words != nullptr ? words : "a function is missing";
}

}  // namespace

std::expected<IcuLibrary, std::string> load_icu(const char* file) {
  void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  IcuLibrary icu;
  if (library == nullptr || !find_all(library, icu)) return std::unexpected(last_words());
  UErrorCode code = U_ZERO_ERROR;
  icu.processor = icu.open(kOptions, &code);
  if (U_FAILURE(code) || icu.processor == nullptr) return std::unexpected("its tables are missing");
  return icu;
}

const std::expected<IcuLibrary, std::string>& icu() {
  static const auto loaded = load_icu(kFile);
  return loaded;
}

}  // namespace exposee
