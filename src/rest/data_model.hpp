// data_model.hpp - the XML schema from which clients such as xnatpy make their classes.
#ifndef XNATARCHIVE_REST_DATA_MODEL_HPP_
#define XNATARCHIVE_REST_DATA_MODEL_HPP_

#include <string>

namespace xnatarchive {

/// An XSD of namespace http://nrg.wustl.edu/xnat: projects, subjects, resources, and for each of
/// XNAT's kinds of imaging its session and its scan, with the values that the "items" JSON has at
/// their first level.
std::string DataModelXsd();

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_DATA_MODEL_HPP_
