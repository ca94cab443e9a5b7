#include "xml/xml_cursor.hpp"

#include "base/text.hpp"
#include "xml/xml_chars.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSection = "![CDATA[";
constexpr std::string_view kComment = "!--";

/// "\r\n" and "\r" count as "\n", wherever they stand.
std::string NormaliseLineEnds(std::string_view text) {
  std::string normalised;
  normalised.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      normalised += text[i];
    } else if (text.substr(i + 1, 1) != "\n") {
      normalised += '\n';
    }
  }
  return normalised;
}

}  // namespace

XmlCursor::XmlCursor(std::string_view checked) : bytes_(checked) {
  if (checked.find('\r') != std::string_view::npos) {
    normalised_ = NormaliseLineEnds(checked);
    bytes_ = normalised_;
  }
  if (StartsWith(bytes_, kByteOrderMark)) pos_ = kByteOrderMark.size();
}

bool XmlCursor::NextChild(std::string& text) {
  text.clear();
  if (empty_) return empty_ = false;
  bool interrupted = false;
  for (;;) {
    text += Unescape(Until('<'), XmlPlace::kText, room_);
    if (bytes_[pos_] == '?') {
      Until("?>", 2);
    } else if (bytes_[pos_] != '!') {
      break;
    } else if (bytes_[pos_ + 1] == '[') {
      pos_ += kSection.size();
      text += Until("]]>", 3);
    } else {
      pos_ += kComment.size();
      Until("-->", 3);
      interrupted = true;
    }
  }
  const std::string_view trimmed = Trim(text);
  if (trimmed.empty() || interrupted) text = std::string(trimmed);
  const bool more = bytes_[pos_] != '/';
  if (more) {
    StartTag();
  } else {
    Until('>');
  }
  return more;
}

std::string_view XmlCursor::Skip(std::size_t begin) {
  pos_ = begin + 1;
  StartTag();
  std::string ignored;
  for (std::size_t depth = 1; depth > 0;) {
    if (NextChild(ignored)) {
      ++depth;
    } else {
      --depth;
    }
  }
  return bytes_.substr(begin, pos_ - begin);
}

template <typename End>
std::string_view XmlCursor::Until(End end, std::size_t size) {
  const std::size_t begin = pos_;
  const std::size_t at = bytes_.find(end, begin);
  pos_ = at + size;
  return bytes_.substr(begin, at - begin);
}

void XmlCursor::StartTag() {
  const auto skip_space = [&] {
    while (IsXmlSpace(bytes_[pos_])) ++pos_;
  };
  const auto read_name = [&] {
    const std::size_t begin = pos_;
    const auto ends = [](char c) { return c == '=' || c == '>' || c == '/' || IsXmlSpace(c); };
    while (!ends(bytes_[pos_])) ++pos_;
    return bytes_.substr(begin, pos_ - begin);
  };
  begin_ = pos_ - 1;
  name_ = read_name();
  attributes_.clear();
  for (skip_space(); bytes_[pos_] != '>' && bytes_[pos_] != '/'; skip_space()) {
    const std::string_view attribute = read_name();
    Until('=');
    skip_space();
    const char quote = bytes_[pos_++];
    attributes_.emplace_back(attribute, Until(quote));
  }
  empty_ = bytes_[pos_] == '/';
  Until('>');
}

}  // namespace xnatarchive
