#include "rest/data_model.hpp"

#include <string_view>

namespace xnatarchive {
namespace {

/// XNAT's types are "<kind>SessionData" and "<kind>ScanData".
constexpr std::string_view kKinds[] = {
    "mr",   "ct",  "pet", "petmr", "xa",  "us",         "rt",
    "cr",   "opt", "mg",  "dx",    "nm",  "sr",         "gm",
    "sm",   "xc",  "rf",  "es",    "rg",  "op",         "io",
    "hd",   "ecg", "eps", "eeg",   "meg", "emg",        "eog",
    "gmv",  "esv", "xcv", "xa3D",  "dms", "cfm",        "pa",
    "resp", "pos", "obj", "sc",    "seg", "otherDicom", "dx3DCraniofacial"};

/// The types that those of each kind extend. xdat:element is where xnatpy looks for the value that
/// names one of several.
constexpr std::string_view kBaseTypes = R"xml(
<xs:complexType name="abstractResource">
 <xs:annotation><xs:appinfo><xdat:element displayIdentifiers="label"/></xs:appinfo></xs:annotation>
 <xs:sequence><xs:element name="note" type="xs:string" minOccurs="0"/></xs:sequence>
 <xs:attribute name="label" type="xs:string"/>
 <xs:attribute name="file_count" type="xs:integer"/>
 <xs:attribute name="file_size" type="xs:integer"/>
</xs:complexType>
<xs:complexType name="resource"><xs:complexContent><xs:extension base="xnat:abstractResource">
 <xs:attribute name="URI" type="xs:string"/>
 <xs:attribute name="format" type="xs:string"/>
 <xs:attribute name="content" type="xs:string"/>
 <xs:attribute name="description" type="xs:string"/>
</xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="resourceCatalog"><xs:complexContent><xs:extension base="xnat:resource"/>
</xs:complexContent></xs:complexType>
<xs:complexType name="experimentData">
 <xs:annotation><xs:appinfo><xdat:element displayIdentifiers="label"/></xs:appinfo></xs:annotation>
 <xs:sequence>
  <xs:element name="date" type="xs:date" minOccurs="0"/>
  <xs:element name="time" type="xs:time" minOccurs="0"/>
  <xs:element name="note" type="xs:string" minOccurs="0"/>
  <xs:element name="acquisition_site" type="xs:string" minOccurs="0"/>
  <xs:element name="resources" minOccurs="0"><xs:complexType><xs:sequence>
   <xs:element name="resource" type="xnat:abstractResource" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
 </xs:sequence>
 <xs:attribute name="ID" type="xs:string"/>
 <xs:attribute name="project" type="xs:string"/>
 <xs:attribute name="label" type="xs:string"/>
 <xs:attribute name="visit_id" type="xs:string"/>
</xs:complexType>
<xs:complexType name="subjectAssessorData"><xs:complexContent>
 <xs:extension base="xnat:experimentData"><xs:sequence>
  <xs:element name="subject_ID" type="xs:string" minOccurs="0"/>
 </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="imageScanData">
 <xs:annotation><xs:appinfo><xdat:element displayIdentifiers="ID"/></xs:appinfo></xs:annotation>
 <xs:sequence>
  <xs:element name="image_session_ID" type="xs:string" minOccurs="0"/>
  <xs:element name="note" type="xs:string" minOccurs="0"/>
  <xs:element name="quality" type="xs:string" minOccurs="0"/>
  <xs:element name="condition" type="xs:string" minOccurs="0"/>
  <xs:element name="series_description" type="xs:string" minOccurs="0"/>
  <xs:element name="frames" type="xs:integer" minOccurs="0"/>
  <xs:element name="file" type="xnat:abstractResource" minOccurs="0" maxOccurs="unbounded"/>
 </xs:sequence>
 <xs:attribute name="ID" type="xs:string"/>
 <xs:attribute name="type" type="xs:string"/>
 <xs:attribute name="UID" type="xs:string"/>
</xs:complexType>
<xs:complexType name="imageSessionData"><xs:complexContent>
 <xs:extension base="xnat:subjectAssessorData"><xs:sequence>
  <xs:element name="scans" minOccurs="0"><xs:complexType><xs:sequence>
   <xs:element name="scan" type="xnat:imageScanData" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
 </xs:sequence>
 <xs:attribute name="UID" type="xs:string"/>
 <xs:attribute name="modality" type="xs:string"/>
 <xs:attribute name="prearchivePath" type="xs:string"/>
 </xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="subjectData">
 <xs:annotation><xs:appinfo><xdat:element displayIdentifiers="label"/></xs:appinfo></xs:annotation>
 <xs:sequence>
  <xs:element name="experiments" minOccurs="0"><xs:complexType><xs:sequence>
   <xs:element name="experiment" type="xnat:experimentData" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
 </xs:sequence>
 <xs:attribute name="ID" type="xs:string"/>
 <xs:attribute name="project" type="xs:string"/>
 <xs:attribute name="label" type="xs:string"/>
</xs:complexType>
<xs:complexType name="projectData">
 <xs:annotation><xs:appinfo><xdat:element displayIdentifiers="name"/></xs:appinfo></xs:annotation>
 <xs:sequence>
  <xs:element name="name" type="xs:string" minOccurs="0"/>
  <xs:element name="description" type="xs:string" minOccurs="0"/>
 </xs:sequence>
 <xs:attribute name="ID" type="xs:string"/>
 <xs:attribute name="secondary_ID" type="xs:string"/>
</xs:complexType>
<xs:element name="Project" type="xnat:projectData"/>
<xs:element name="Subject" type="xnat:subjectData"/>
)xml";

void AddType(std::string_view kind, std::string_view end, std::string_view base, std::string* xsd) {
  const std::string name = std::string(kind) + std::string(end);
  *xsd += "<xs:complexType name=\"" + name +
          "\"><xs:complexContent><xs:extension base=\"xnat:" + std::string(base) +
          "\"/></xs:complexContent></xs:complexType>\n<xs:element name=\"" + name +
          "\" type=\"xnat:" + name + "\"/>\n";
}

}  // namespace

std::string DataModelXsd() {
  std::string xsd =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
      "xmlns:xnat=\"http://nrg.wustl.edu/xnat\" xmlns:xdat=\"http://nrg.wustl.edu/xdat\" "
      "targetNamespace=\"http://nrg.wustl.edu/xnat\" elementFormDefault=\"qualified\">";
  xsd += kBaseTypes;
  for (const std::string_view kind : kKinds) {
    AddType(kind, "SessionData", "imageSessionData", &xsd);
    AddType(kind, "ScanData", "imageScanData", &xsd);
  }
  return xsd + "</xs:schema>\n";
}

}  // namespace xnatarchive
