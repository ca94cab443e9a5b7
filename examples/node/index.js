// index.js - XNAT's archive services for Node. index.d.ts is the manual.
import { api } from './src/native.js';

export { SessionDocument } from './src/document.js';
export { createRoot, Engine, openEngine } from './src/engine.js';
export {
  AlreadyExistsError,
  CancelledError,
  ConflictError,
  CorruptionError,
  HandlerFailedError,
  HookError,
  InternalError,
  InvalidArgumentError,
  IoError,
  LockedError,
  NoMemoryError,
  NoSpaceError,
  NotFoundError,
  PermissionError,
  RecoveryRequiredError,
  UnsupportedError,
  XnatArchiveError,
} from './src/errors.js';
export { Task } from './src/task.js';

export const version = () => api.version();
export const abiVersion = () => api.abi_version();
