#include "listing.hpp"

#include "guard.hpp"

using xnatarchive::capi::Using;

void xna_listing_free(xna_listing* listing) { xnatarchive::capi::Take(listing); }

size_t xna_listing_column_count(const xna_listing* listing) {
  const Using found(listing);
  return found ? found->table().columns.size() : 0;
}

const char* xna_listing_column(const xna_listing* listing, size_t index) {
  const Using found(listing);
  if (!found || index >= found->table().columns.size()) return nullptr;
  return found->table().columns[index].c_str();
}

int32_t xna_listing_next(xna_listing* listing) {
  const Using found(listing);
  return found && found->Next() ? 1 : 0;
}

const char* xna_listing_value(const xna_listing* listing, size_t column) {
  const Using found(listing);
  if (!found || found->row() == nullptr || column >= found->row()->size()) return nullptr;
  return (*found->row())[column].c_str();
}
