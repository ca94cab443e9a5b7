// field_values.hpp - DICOM values in the spelling that XNAT gives them in a session document.
//
// Every function takes a value as the header has it, white space already trimmed, and returns
// nullopt for one that cannot be read. Pure.
#ifndef XNATARCHIVE_PREARCHIVE_FIELD_VALUES_HPP_
#define XNATARCHIVE_PREARCHIVE_FIELD_VALUES_HPP_

#include <optional>
#include <string>
#include <string_view>

namespace xnatarchive {

/// Finite decimal number, the whole text.
std::optional<double> ParseReal(std::string_view text);

/// As Java prints a double, because that is what XNAT's documents hold: "1.0", "2.98", "3.7E8".
std::string FormatReal(double value);
/// The shortest text, without ".0" for whole numbers: "9", "2.98".
std::string FormatNumber(double value);

/// DA, or its old form with dots, as "yyyy-MM-dd".
std::optional<std::string> DateFromDicom(std::string_view value);
/// TM, or its old form with colons, as "HH:mm:ss"; fractions are cut, missing minutes and seconds
/// 0, a leap second (":60") the one before it.
std::optional<std::string> TimeFromDicom(std::string_view value);
/// DT as "yyyy-MM-ddTHH:mm:ss", as local time: a zone offset is cut.
std::optional<std::string> DateTimeFromDicom(std::string_view value);

/// "Sag", "Cor" or "Tra" from Image Orientation (Patient): the axis nearest to the normal of the
/// image plane. nullopt unless it is six numbers that make two orthogonal unit vectors.
std::optional<std::string> OrientationFromDicom(std::string_view value);

/// Tesla, rounded to halves. Values from 500 are taken as gauss, which some scanners write.
double FieldStrength(double value);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_FIELD_VALUES_HPP_
