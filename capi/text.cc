#include "text.hpp"

using xnatarchive::capi::Find;

void xna_text_free(xna_text* text) { xnatarchive::capi::Take(text); }

const char* xna_text_data(const xna_text* text) {
  const auto found = Find(text);
  return found == nullptr ? nullptr : found->bytes.c_str();
}

size_t xna_text_size(const xna_text* text) {
  const auto found = Find(text);
  return found == nullptr ? 0 : found->bytes.size();
}
