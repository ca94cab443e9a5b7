// types.ts - a program in TypeScript that uses the package as its declarations say: it is compiled,
// and not run.
import { createReadStream, createWriteStream } from 'node:fs';
import {
  ConflictError,
  createRoot,
  type Engine,
  HookError,
  type ImportHandler,
  openEngine,
  type Progress,
  type Task,
  XnatArchiveError,
} from '../index.js';

const handler: ImportHandler = {
  name: 'Text',
  accepts: (_name, kind) => kind === 'folder',
  describe(source) {
    const session = source.addSession();
    source.eachFile((file) => {
      if (file.head(1).length === 0) source.skip(file, 'text.empty', 'nothing in it');
      else source.keep(file, session, { scan: '1', resource: 'TEXT', format: 'TXT' });
    });
    if (session.document.scanIds.length === 0) throw new HookError('text.none', 'no text');
  },
};

export async function round(root: string): Promise<string> {
  await createRoot({ root }, { checksum: 'md5' });
  const engine: Engine = await openEngine({
    root: new URL(`file://${root}`),
    handlers: [handler],
    accessPolicy: (user, permission) => user !== 'guest' || permission === 'read',
    eventSink: ({ kind, files }) => console.log(kind, files.toFixed()),
    validators: [(candidate) => candidate.find('warn', 'a.b', candidate.label)],
    pipelineLauncher: (request, context) => context.print(request.command),
    transform: {
      name: 'none 1',
      transform: (_candidate, files) => files.paths.forEach((path) => void files.read(path)),
    },
  });
  const heard: Progress[] = [];
  const options = { user: 'ann', signal: AbortSignal.timeout(1000) };
  const { uris } = await engine.import(
    { stream: createReadStream('study.zip'), parameters: { project: 'P', rename: true } },
    { ...options, progress: (progress) => heard.push(progress) },
  );
  await engine.build(uris[0] ?? '', { ...options, fields: { 'xnat:mrSessionData/note': 'seen' } });
  try {
    const task: Task<{ uri: string }> = await engine.startArchive({ src: uris[0] ?? '' }, options);
    const { uri } = await task.result();
    await engine.export({ uri, stream: createWriteStream('out.zip'), bag: true });
    return uri;
  } catch (error) {
    if (error instanceof ConflictError) return error.reason;
    if (error instanceof XnatArchiveError && error.diskState === 'committed') return error.path;
    throw error;
  } finally {
    await engine.close();
  }
}

// @ts-expect-error: there is no such way.
export const refused = (engine: Engine) => engine.archive({ src: 'x', overwrite: 'all' });
