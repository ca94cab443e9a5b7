#include "prearchive/file_index.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <optional>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kHeader = "xna-index 1\n";
constexpr std::string_view kFactTag = "fact\t";
constexpr std::string_view kNoteTag = "note\t";
constexpr std::string_view kFileTag = "file\t";
constexpr std::string_view kEndTag = "end\t";
constexpr std::size_t kFileFields = 8;

Status Corrupt(std::string message) {
  return Status(Code::kCorruption, "index.corrupt", std::move(message));
}

std::string Checksum(std::string_view body) {
  const std::uint64_t hash = Fnv1a(body);
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(hash >> (8 * (7 - i)));
  }
  return Hex(bytes.data(), bytes.size());
}

std::string EndLine(std::size_t notes, std::size_t files, std::string_view body) {
  return std::string(kEndTag) + std::to_string(notes) + '\t' + std::to_string(files) + '\t' +
         Checksum(body) + '\n';
}

void AppendFile(const IndexedFile& file, std::string& out) {
  out += kFileTag;
  out += EncodePercent(file.path);
  out += '\t';
  out += std::to_string(file.size);
  out += '\t';
  out += std::to_string(file.mtime_ns);
  out += '\t';
  out += file.md5.view();
  out += '\t';
  out += file.xxh3.view();
  out += '\t';
  out += std::to_string(file.note);
  out += '\t';
  out += EncodePercent(file.sop_instance_uid);
  out += '\t';
  out += EncodePercent(file.instance_number);
  out += '\n';
}

template <typename Number>
bool ParseNumber(std::string_view text, Number& value) {
  const char* end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end;
}

bool DecodeInto(std::string_view text, std::string& value) {
  if (text.find('%') == std::string_view::npos) {  // nearly always
    value = text;
    return true;
  }
  std::optional<std::string> decoded = DecodePercent(text);
  if (!decoded.has_value()) return false;
  value = *std::move(decoded);
  return true;
}

bool ParseFileLine(std::string_view line, IndexedFile& file) {
  std::array<std::string_view, kFileFields> fields;
  for (std::size_t i = 0; i < kFileFields; ++i) {
    const std::size_t tab = line.find('\t');
    const bool last = i + 1 == kFileFields;
    if ((tab == std::string_view::npos) != last) return false;
    fields[i] = line.substr(0, tab);
    if (!last) line.remove_prefix(tab + 1);
  }
  file.md5 = fields[3];
  file.xxh3 = fields[4];
  return DecodeInto(fields[0], file.path) && ParseNumber(fields[1], file.size) &&
         ParseNumber(fields[2], file.mtime_ns) && ParseNumber(fields[5], file.note) &&
         DecodeInto(fields[6], file.sop_instance_uid) &&
         DecodeInto(fields[7], file.instance_number);
}

bool ParseFactLine(std::string_view line, FileIndex& index) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return false;
  std::pair<std::string, std::string> fact;
  if (!DecodeInto(line.substr(0, tab), fact.first) ||
      !DecodeInto(line.substr(tab + 1), fact.second)) {
    return false;
  }
  const auto same_name = [&](const auto& known) { return known.first == fact.first; };
  if (std::any_of(index.facts.begin(), index.facts.end(), same_name)) return false;
  index.facts.push_back(std::move(fact));
  return true;
}

// Reads the lines between the header and the last line: facts, then notes, then files.
Status ParseBody(std::string_view body, FileIndex& index) {
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(end + 1);
    if (StartsWith(line, kFactTag) && index.notes.empty() && index.files.empty()) {
      if (!ParseFactLine(line.substr(kFactTag.size()), index)) {
        return Corrupt("a fact is not readable");
      }
    } else if (StartsWith(line, kNoteTag) && index.files.empty()) {
      std::string note;
      if (!DecodeInto(line.substr(kNoteTag.size()), note)) return Corrupt("a note is not readable");
      index.notes.push_back(std::move(note));
    } else if (StartsWith(line, kFileTag)) {
      IndexedFile file;
      if (!ParseFileLine(line.substr(kFileTag.size()), file) || file.note >= index.notes.size()) {
        return Corrupt("a file line is not readable");
      }
      index.files.push_back(std::move(file));
    } else {
      return Corrupt("a line is neither a fact nor a note nor a file");
    }
  }
  return Status();
}

// "end", number of notes, number of files; the rest is the checksum.
bool ParseEnd(std::string_view line, std::size_t& notes, std::size_t& files) {
  if (!StartsWith(line, kEndTag)) return false;
  line.remove_prefix(kEndTag.size());
  const std::size_t first = line.find('\t');
  if (first == std::string_view::npos) return false;
  const std::size_t second = line.find('\t', first + 1);
  return second != std::string_view::npos && ParseNumber(line.substr(0, first), notes) &&
         ParseNumber(line.substr(first + 1, second - first - 1), files);
}

}  // namespace

std::string FileIndex::Fact(std::string_view name) const {
  for (const auto& [known, value] : facts) {
    if (known == name) return value;
  }
  return std::string();
}

NoteTable::NoteTable(std::vector<std::string>* notes) : notes_(notes) {
  for (std::size_t i = 0; i < notes->size(); ++i) {
    numbers_.emplace((*notes)[i], static_cast<std::uint32_t>(i));
  }
}

std::uint32_t NoteTable::Number(const std::string& note) {
  const auto [at, added] = numbers_.emplace(note, static_cast<std::uint32_t>(notes_->size()));
  if (added) notes_->push_back(note);
  return at->second;
}

void AddIndex(const FileIndex& late, FileIndex* index) {
  if (!late.facts.empty()) index->facts = late.facts;
  std::unordered_map<std::string_view, const IndexedFile*> by_path;
  for (const IndexedFile& file : late.files) by_path.emplace(file.path, &file);
  auto& files = index->files;
  files.erase(
      std::remove_if(files.begin(), files.end(),
                     [&](const IndexedFile& file) { return by_path.count(file.path) != 0; }),
      files.end());
  NoteTable notes(&index->notes);
  for (const IndexedFile& file : late.files) {
    files.push_back(file);
    files.back().note = notes.Number(late.notes[file.note]);
  }
}

std::string WriteFileIndex(const FileIndex& index) {
  std::string out(kHeader);
  for (const auto& [name, value] : index.facts) {
    out += kFactTag;
    out += EncodePercent(name);
    out += '\t';
    out += EncodePercent(value);
    out += '\n';
  }
  for (const std::string& note : index.notes) {
    out += kNoteTag;
    out += EncodePercent(note);
    out += '\n';
  }
  // Grown by doubling, the text of a large session would take three times its size for a moment.
  constexpr std::size_t kLineBytes = 256;
  out.reserve(out.size() + index.files.size() * kLineBytes);
  for (const IndexedFile& file : index.files) {
    assert(file.note < index.notes.size());
    AppendFile(file, out);
  }
  out += EndLine(index.notes.size(), index.files.size(), out);
  return out;
}

Result<FileIndex> ParseFileIndex(std::string_view bytes) {
  if (!StartsWith(bytes, kHeader)) return Corrupt("the first line is not that of a file index");
  const std::size_t before_last = bytes.find_last_of('\n', bytes.size() - 2);
  if (!EndsWith(bytes, "\n") || before_last == std::string_view::npos) {
    return Corrupt("the last line is not whole");
  }
  const std::string_view body = bytes.substr(0, before_last + 1);
  std::size_t notes = 0;
  std::size_t files = 0;
  if (!ParseEnd(bytes.substr(body.size()), notes, files) ||
      bytes.substr(body.size()) != EndLine(notes, files, body)) {
    return Corrupt("the checksum does not match the lines");
  }
  FileIndex index;  // the checksum says that the counts were written with the lines
  index.notes.reserve(std::min(notes, body.size()));
  index.files.reserve(std::min(files, body.size()));
  XNA_RETURN_IF_ERROR(ParseBody(body.substr(kHeader.size()), index));
  if (index.notes.size() != notes || index.files.size() != files) {
    return Corrupt("the counts do not match the lines");
  }
  return index;
}

std::string FileIndexName(std::string_view folder) {
  std::string name = ".xa-";
  name += folder;
  name += ".index";
  return name;
}

std::string LateIndexName(std::string_view folder) {
  std::string name = ".xa-";
  name += folder;
  name += ".late";
  return name;
}

}  // namespace xnatarchive
