#include "archive/catalog_content.hpp"

#include <cstddef>
#include <string_view>

#include "base/status_macros.hpp"

namespace xnatarchive {

FileContent CatalogContent(const Catalog& catalog, CatalogStyle style) {
  return [&catalog, style](File& file) {
    constexpr std::size_t kWritebackBytes = std::size_t{8} << 20;
    std::size_t waiting = 0;
    return WriteCatalog(catalog, style, [&](std::string_view part) -> Status {
      XNA_RETURN_IF_ERROR(file.Write(part.data(), part.size()));
      waiting += part.size();
      if (waiting < kWritebackBytes) return Status();
      waiting = 0;
      file.StartWriteback();
      return Status();
    });
  };
}

}  // namespace xnatarchive
