#include "dicom/header.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/text.hpp"

namespace xnatarchive {

std::string_view DicomHeader::Text(const Value& value) const {
  return std::string_view(text_).substr(value.begin, value.size);
}

std::vector<DicomHeader::Value>::const_iterator DicomHeader::Find(Tag tag) const {
  return std::lower_bound(values_.begin(), values_.end(), tag,
                          [](const Value& value, Tag t) { return value.tag < t; });
}

std::string_view DicomHeader::Get(Tag tag) const {
  const auto found = Find(tag);
  return found != values_.end() && found->tag == tag ? Text(*found) : std::string_view();
}

std::vector<std::string_view> DicomHeader::GetAll(Tag tag) const {
  std::vector<std::string_view> all;
  for (auto value = Find(tag); value != values_.end() && value->tag == tag; ++value) {
    all.push_back(Text(*value));
  }
  return all;
}

void DicomHeader::Add(Tag tag, std::string_view value) {
  if (value.empty()) return;
  std::size_t count = 0;
  auto place = Find(tag);
  for (; place != values_.end() && place->tag == tag; ++place, ++count) {
    if (Text(*place) == value) return;
  }
  if (count >= kFrameValuesMax) return;
  values_.insert(place, Value{tag, static_cast<std::uint32_t>(text_.size()),
                              static_cast<std::uint32_t>(value.size())});
  text_ += value;
}

void DicomHeader::Remove(Tag tag) {
  DicomHeader rest;
  for (const Value& value : values_) {
    if (value.tag != tag) rest.Add(value.tag, Text(value));
  }
  values_ = std::move(rest.values_);
  text_ = std::move(rest.text_);
}

std::string DicomHeader::Encode() const {
  std::string encoded;
  for (const Value& value : values_) {
    char tag[9];
    std::snprintf(tag, sizeof tag, "%08X", value.tag);
    encoded += tag;
    encoded += EncodePercent(Text(value));
    encoded += '\n';
  }
  return encoded;
}

Result<DicomHeader> DicomHeader::Decode(std::string_view text) {
  const auto bad = [] {
    return Status(Code::kCorruption, "dicom.bad-note", "not an encoded DICOM header");
  };
  DicomHeader header;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end < 8) return bad();
    Tag tag = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + 8, tag, 16);
    const std::optional<std::string> value = DecodePercent(text.substr(8, end - 8));
    if (error != std::errc() || rest != text.data() + 8 || !value) return bad();
    header.Add(tag, *value);
    text.remove_prefix(end + 1);
  }
  return header;
}

bool operator==(const DicomHeader& a, const DicomHeader& b) {
  return std::equal(a.values_.begin(), a.values_.end(), b.values_.begin(), b.values_.end(),
                    [&](const DicomHeader::Value& x, const DicomHeader::Value& y) {
                      return x.tag == y.tag && a.Text(x) == b.Text(y);
                    });
}

bool IsValidUid(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace xnatarchive
