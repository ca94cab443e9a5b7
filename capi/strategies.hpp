// strategies.hpp - the host's strategies, as the C++ interfaces the engine calls.
#ifndef XNATARCHIVE_CAPI_STRATEGIES_HPP_
#define XNATARCHIVE_CAPI_STRATEGIES_HPP_

#include <memory>
#include <string>

#include "engine.hpp"

namespace xnatarchive::capi {

/// Takes over every strategy and the log of `given`, makes the engine they belong to, and fills the
/// strategies of `options`. A failure takes over all that can be, so that all of it is released.
Status TakeStrategies(const xna_engine_options& given, std::shared_ptr<Engine>* engine,
                      EngineOptions* options);

std::shared_ptr<SessionValidator> MakeValidator(SharedCallbacks<xna_session_validator> callbacks,
                                                std::weak_ptr<const Engine> engine);
std::shared_ptr<SessionTransform> MakeTransform(std::string name,
                                                SharedCallbacks<xna_session_transform> callbacks,
                                                std::weak_ptr<const Engine> engine);
std::unique_ptr<ImportHandler> MakeImportHandler(std::string name,
                                                 SharedCallbacks<xna_import_handler> callbacks,
                                                 std::weak_ptr<const Engine> engine);

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_STRATEGIES_HPP_
