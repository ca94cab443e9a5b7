// pipelines.hpp - a project's AutoRun, after a session was archived.
#ifndef XNATARCHIVE_ENGINE_PIPELINES_HPP_
#define XNATARCHIVE_ENGINE_PIPELINES_HPP_

#include "engine/core.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {

/// Runs the AutoRun of the session's project, if it has one, and keeps how it ended and what it
/// printed in an audit record. Changes nothing else, and holds no lock of a session meanwhile.
///
/// `report`: of the archived session, with its names and URI.
Status RunProjectPipeline(const ArchiveEngine::Core& core, const ExperimentRow& experiment,
                          const ArchiveReport& report, Hooks& hooks);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_PIPELINES_HPP_
