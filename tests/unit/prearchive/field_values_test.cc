#include "prearchive/field_values.hpp"

#include <doctest/doctest.h>

namespace xnatarchive {

TEST_SUITE("prearchive.field_values") {
  TEST_CASE("real numbers print as Java prints a double") {
    CHECK(FormatReal(0) == "0.0");
    CHECK(FormatReal(-0.0) == "-0.0");
    CHECK(FormatReal(1) == "1.0");
    CHECK(FormatReal(-2.98) == "-2.98");
    CHECK(FormatReal(2300) == "2300.0");
    CHECK(FormatReal(9999999) == "9999999.0");
    CHECK(FormatReal(1e7) == "1.0E7");
    CHECK(FormatReal(371520000) == "3.7152E8");
    CHECK(FormatReal(0.001) == "0.001");
    CHECK(FormatReal(0.00099) == "9.9E-4");
    CHECK(FormatReal(0.859375) == "0.859375");
    CHECK(FormatReal(0.1 + 0.2) == "0.30000000000000004");
    CHECK(FormatReal(1e-300) == "1.0E-300");
  }

  TEST_CASE("plain numbers have no decimals when they are whole") {
    CHECK(FormatNumber(9) == "9");
    CHECK(FormatNumber(8.5) == "8.5");
    CHECK(FormatNumber(0) == "0");
    CHECK(FormatNumber(1e7) == "1.0E7");
  }

  TEST_CASE("a number is the whole text and finite") {
    CHECK(ParseReal("+3.5") == 3.5);
    CHECK(ParseReal("1e3") == 1000.0);
    CHECK_FALSE(ParseReal("").has_value());
    CHECK_FALSE(ParseReal("+").has_value());
    CHECK_FALSE(ParseReal("1\\2").has_value());
    CHECK_FALSE(ParseReal("3 T").has_value());
    CHECK_FALSE(ParseReal("inf").has_value());
    CHECK_FALSE(ParseReal("nan").has_value());
    CHECK_FALSE(ParseReal("1e999").has_value());
  }

  TEST_CASE("dates: eight digits or the old dotted form, months and days that exist") {
    CHECK(DateFromDicom("20061214") == "2006-12-14");
    CHECK(DateFromDicom("2006.12.14") == "2006-12-14");
    CHECK_FALSE(DateFromDicom("").has_value());
    CHECK_FALSE(DateFromDicom("2006").has_value());
    CHECK_FALSE(DateFromDicom("20061301").has_value());
    CHECK_FALSE(DateFromDicom("20061200").has_value());
    CHECK_FALSE(DateFromDicom("20060229").has_value());
    CHECK_FALSE(DateFromDicom("00000101").has_value());
    CHECK(DateFromDicom("20040229") == "2004-02-29");
    CHECK_FALSE(DateFromDicom("2006121A").has_value());
    CHECK_FALSE(DateFromDicom("2006-12-14").has_value());
  }

  TEST_CASE("times: fractions are cut, what is missing is zero") {
    CHECK(TimeFromDicom("091206.156000") == "09:12:06");
    CHECK(TimeFromDicom("0912") == "09:12:00");
    CHECK(TimeFromDicom("09") == "09:00:00");
    CHECK(TimeFromDicom("09:12:06") == "09:12:06");
    CHECK(TimeFromDicom("235960") == "23:59:59");  // xs:time has no leap seconds
    CHECK_FALSE(TimeFromDicom("235961").has_value());
    CHECK_FALSE(TimeFromDicom("").has_value());
    CHECK_FALSE(TimeFromDicom("9").has_value());
    CHECK_FALSE(TimeFromDicom("24").has_value());
    CHECK_FALSE(TimeFromDicom("096000").has_value());
    CHECK_FALSE(TimeFromDicom("09120678").has_value());
  }

  TEST_CASE("date-times: fraction and zone are cut") {
    CHECK(DateTimeFromDicom("20240318094100.000000+0100") == "2024-03-18T09:41:00");
    CHECK(DateTimeFromDicom("20240318094100-0500") == "2024-03-18T09:41:00");
    CHECK(DateTimeFromDicom("2024031809") == "2024-03-18T09:00:00");
    CHECK_FALSE(DateTimeFromDicom("20240318").has_value());
    CHECK_FALSE(DateTimeFromDicom("").has_value());
  }

  TEST_CASE("orientation: the axis nearest to the normal of the plane") {
    CHECK(OrientationFromDicom("0\\1\\0\\0\\0\\-1") == "Sag");
    CHECK(OrientationFromDicom("1\\0\\0\\0\\0\\-1") == "Cor");
    CHECK(OrientationFromDicom("1\\0\\0\\0\\1\\0") == "Tra");
    CHECK(OrientationFromDicom("1\\0\\0\\0\\0.8\\-0.6") == "Tra");
    CHECK(OrientationFromDicom("1\\0\\0\\0\\0.6\\-0.8") == "Cor");
    CHECK(OrientationFromDicom(" 1 \\0\\0\\0\\1\\0 ") == "Tra");
  }

  TEST_CASE("orientation: not six numbers, not orthogonal, not unit vectors") {
    CHECK_FALSE(OrientationFromDicom("").has_value());
    CHECK_FALSE(OrientationFromDicom("1\\0\\0\\0\\1").has_value());
    CHECK_FALSE(OrientationFromDicom("1\\0\\0\\0\\x\\0").has_value());
    CHECK_FALSE(OrientationFromDicom("1\\0\\0\\1\\0\\0").has_value());
    CHECK_FALSE(OrientationFromDicom("2\\0\\0\\0\\1\\0").has_value());
  }

  TEST_CASE("field strength: halves of a tesla, gauss from 500") {
    CHECK(FieldStrength(3) == 3.0);
    CHECK(FieldStrength(2.89) == 3.0);
    CHECK(FieldStrength(1.494) == 1.5);
    CHECK(FieldStrength(30000) == 3.0);
    CHECK(FieldStrength(499) == 499.0);
    CHECK(FieldStrength(500) == 0.0);
    CHECK(FieldStrength(0.25) == 0.5);
  }
}

}  // namespace xnatarchive
