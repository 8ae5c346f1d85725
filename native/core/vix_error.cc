#include "vix_error.h"

#include <algorithm>
#include <iterator>

#include "vix_abi.h"
#include "vix_error_codes.h"

namespace coldframe {

namespace {

constexpr VixErrorEntry kTable[] = {
#define COLDFRAME_VIX_ENTRY(code, name, retry, text) {code, #name, Retry::retry, text},
    COLDFRAME_VIX_ERRORS(COLDFRAME_VIX_ENTRY)
#undef COLDFRAME_VIX_ENTRY
};

constexpr bool byCode(const VixErrorEntry& left, const VixErrorEntry& right) {
  return left.code < right.code;
}
static_assert(std::is_sorted(std::begin(kTable), std::end(kTable), byCode));

struct Group {
  uint32_t first;
  uint32_t last;
  const char* name;
  const char* text;
};

// Codes that matter to us only as members of their family.
constexpr Group kGroups[] = {
    {13000, 13024, "VIX_E_SNAPSHOT_", "A snapshot operation failed"},
    {14016, 14099, "VIX_E_NETWORK_", "A network operation failed"},
    {16000, 16099, "VIX_E_DISK_", "A disk operation failed"},
    {17000, 17012, "VIX_E_CRYPTO_", "An encryption operation failed"},
    {24000, 24322, "VIX_E_MNTAPI_", "A mount operation failed"},
    {30001, 30202, "VIX_E_HTTP_", "An HTTP operation failed"},
};

}  // namespace

const VixErrorEntry* findVixError(uint64_t raw) {
  const VixErrorEntry wanted{abi::codeOf(raw), nullptr, Retry::kNo, nullptr};
  const auto* found = std::lower_bound(std::begin(kTable), std::end(kTable), wanted, byCode);
  return found != std::end(kTable) && found->code == wanted.code ? found : nullptr;
}

Error vixError(uint64_t raw, const std::string& function) {
  const uint32_t code = abi::codeOf(raw);
  Error error;
  error.raw = raw;
  error.function = "VixDiskLib_" + function;
  if (const VixErrorEntry* entry = findVixError(raw)) {
    error.name = entry->name;
    error.text = entry->text;
    error.retry = entry->retry;
    return error;
  }
  const auto* group = std::find_if(std::begin(kGroups), std::end(kGroups), [code](const Group& item) {
    return code >= item.first && code <= item.last;
  });
  const bool known = group != std::end(kGroups);
  error.name = (known ? group->name : "VIX_E_") + std::to_string(code);
  error.text = known ? group->text : "The library reported an error that coldframe does not know";
  return error;
}

}  // namespace coldframe
