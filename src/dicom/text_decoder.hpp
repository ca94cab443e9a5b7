// text_decoder.hpp - from the character sets of DICOM to UTF-8. Internal to this layer.
#ifndef XNATARCHIVE_DICOM_TEXT_DECODER_HPP_
#define XNATARCHIVE_DICOM_TEXT_DECODER_HPP_

#include <memory>
#include <string>
#include <string_view>

class DcmSpecificCharacterSet;
class OFCharacterEncoding;

namespace xnatarchive {

/// Converts the text values of one object. Plain ASCII, which is nearly all there is, is copied;
/// DCMTK's converter is made for the first value that needs it.
class TextDecoder {
 public:
  /// `character_set`: value of Specific Character Set (0008,0005), "" for the default.
  explicit TextDecoder(std::string character_set);
  ~TextDecoder();

  /// Returns `bytes` as UTF-8 with control characters other than tab, line feed and carriage return
  /// as spaces. `delimiters` are the characters that end the reach of an escape sequence: "\\",
  /// with "^=" for person names.
  ///
  /// Text that is not what the character set says, or whose character set is unknown, is taken as
  /// UTF-8 where that is possible; otherwise ASCII is kept and every other byte becomes U+FFFD.
  std::string Decode(std::string_view bytes, const char* delimiters);

 private:
  void OpenConverter();
  bool Convert(std::string_view bytes, const char* delimiters, std::string& converted);

  std::string character_set_;
  std::unique_ptr<DcmSpecificCharacterSet> converter_;
  std::unique_ptr<OFCharacterEncoding> japanese_;  ///< Where DCMTK's own cannot do it.
  bool opened_ = false;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_TEXT_DECODER_HPP_
