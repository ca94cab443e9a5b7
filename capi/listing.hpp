// listing.hpp - what stands behind xna_listing.
#ifndef XNATARCHIVE_CAPI_LISTING_HPP_
#define XNATARCHIVE_CAPI_LISTING_HPP_

#include <memory>
#include <utility>

#include "handles.hpp"
#include "scope.hpp"
#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive::capi {

class Listing : public Scoped {
 public:
  explicit Listing(Table table) : Scoped(std::make_shared<Scope>()), table_(std::move(table)) {}

  const Table& table() const { return table_; }
  bool Next() {
    if (next_ <= table_.rows.size()) ++next_;
    return next_ <= table_.rows.size();
  }
  /// The row it is at; null when it is at none.
  const std::vector<std::string>* row() const {
    return next_ == 0 || next_ > table_.rows.size() ? nullptr : &table_.rows[next_ - 1];
  }

 private:
  const Table table_;
  std::size_t next_ = 0;
};

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_LISTING_HPP_
