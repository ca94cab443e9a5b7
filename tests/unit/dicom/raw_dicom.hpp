// raw_dicom.hpp - DICOM put together byte by byte, for what DCMTK would refuse to write.
#ifndef XNATARCHIVE_TESTS_UNIT_DICOM_RAW_DICOM_HPP_
#define XNATARCHIVE_TESTS_UNIT_DICOM_RAW_DICOM_HPP_

#include <cstdint>
#include <string>
#include <string_view>

namespace xnatarchive {

inline constexpr char kImplicitLittle[] = "1.2.840.10008.1.2";
inline constexpr char kExplicitLittle[] = "1.2.840.10008.1.2.1";

inline std::string LittleEndian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

inline std::string RawTag(std::uint32_t tag) {
  return LittleEndian(tag >> 16, 2) + LittleEndian(tag & 0xFFFF, 2);
}

/// An element with a 16-bit length, explicit VR little endian.
inline std::string Element(std::uint32_t tag, std::string_view vr, std::string value) {
  if (value.size() % 2 == 1) value += ' ';
  return RawTag(tag) + std::string(vr) + LittleEndian(static_cast<std::uint32_t>(value.size()), 2) +
         value;
}

/// The first bytes of an element with a 32-bit length (OB, OW, SQ, UN, UT).
inline std::string LongElementHead(std::uint32_t tag, std::string_view vr, std::uint32_t length) {
  return RawTag(tag) + std::string(vr) + std::string(2, '\0') + LittleEndian(length, 4);
}

inline std::string LongElement(std::uint32_t tag, std::string_view vr, const std::string& value) {
  return LongElementHead(tag, vr, static_cast<std::uint32_t>(value.size())) + value;
}

inline std::string ImplicitElement(std::uint32_t tag, std::string value) {
  if (value.size() % 2 == 1) value += ' ';
  return RawTag(tag) + LittleEndian(static_cast<std::uint32_t>(value.size()), 4) + value;
}

/// Preamble and meta header.
inline std::string MetaHeader(std::string_view transfer_syntax) {
  const std::string elements = Element(0x00020010, "UI", std::string(transfer_syntax));
  const auto size = static_cast<std::uint32_t>(elements.size());
  return std::string(128, '\0') + "DICM" + Element(0x00020000, "UL", LittleEndian(size, 4)) +
         elements;
}

/// SOP Class and Instance UID "1.2" and "1.3"; Study Instance UID "1.4".
inline std::string SopUids() {
  return Element(0x00080016, "UI", "1.2") + Element(0x00080018, "UI", "1.3");
}
inline std::string StudyUidElement() { return Element(0x0020000D, "UI", "1.4"); }

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_DICOM_RAW_DICOM_HPP_
