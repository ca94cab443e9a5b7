import assert from 'node:assert/strict';
import test from 'node:test';
import { HandlerFailedError, HookError, PermissionError } from '../index.js';
import { niftiFolder } from '../program/nifti_folder.js';
import { heldCount } from '../src/hooks.js';
import { archived, dicomZip, folderOf, newEngine, receive } from './support.js';

const zip = dicomZip();
const images = () =>
  folderOf({
    'scan.json': '{"subject": "S01", "session": "S01_MR1", "series_description": "T1w"}',
    'scan.nii.gz': 'not really',
    'notes.txt': 'left out',
  });

const describedBy = (engine, handler, path = images()) =>
  engine.import({ path, handler: handler.name, parameters: { project: 'P' } });

test('a handler in JavaScript makes a session of a folder of images', async () => {
  const engine = await newEngine({ handlers: [niftiFolder] });
  const report = await describedBy(engine, niftiFolder);
  assert.deepEqual([report.files_received, report.files_skipped], [2, 1]);
  const { uri } = await engine.archive({ src: report.uris[0] });
  assert.equal(uri, '/data/archive/projects/P/subjects/S01/experiments/S01_MR1');
  const document = await engine.document(uri);
  assert.equal(document.get('series_description', '1'), 'T1w');
  const files = await engine.list(`${uri}/scans/1/resources/NIFTI`);
  assert.deepEqual(files.map((row) => row.Name).sort(), ['scan.json', 'scan.nii.gz']);
});

test('a handler sees the import it is asked about', async () => {
  const seen = [];
  const handler = {
    name: 'Curious',
    accepts(name, kind) {
      seen.push(['accepts', name, kind]);
      return false;
    },
    describe(source) {
      seen.push([source.name, source.kind, source.cancelled, source.parameter('color')]);
      seen.push([source.parameter('absent'), source.findProject('P'), source.findProject('none')]);
      source.eachFile((file) => seen.push([file.path, file.size, file.head(4).toString()]));
      throw new HookError('curious.done', 'has seen enough');
    },
  };
  const engine = await newEngine({ handlers: [handler] });
  const path = folderOf({ 'a.bin': 'bytes' });
  const request = { path, handler: 'Curious', parameters: { project: 'P', color: 'red' } };
  await assert.rejects(engine.import(request), { name: 'HookError', reason: 'curious.done' });
  await assert.rejects(engine.import({ path }));
  assert.deepEqual(seen, [
    ['folder', 'folder', false, 'red'],
    [undefined, 'P', undefined],
    ['a.bin', 5, 'byte'],
    ['accepts', 'folder', 'folder'],
  ]);
});

test('what a handler throws is what the import rejects with, in describe and in a visit', async () => {
  const thrown = new RangeError('patient Doe is out of range');
  const lines = [];
  const inDescribe = {
    name: 'One',
    describe() {
      throw thrown;
    },
  };
  const inVisit = {
    name: 'Two',
    describe(source) {
      source.eachFile(() => {
        throw thrown;
      });
    },
  };
  const handlers = [inDescribe, inVisit];
  const engine = await newEngine({ handlers, logSink: (_level, line) => lines.push(line) });
  for (const handler of handlers) {
    await assert.rejects(describedBy(engine, handler), (error) => error === thrown);
  }
  assert.ok(lines.some((line) => line.includes('a RangeError was thrown')));
  assert.ok(lines.every((line) => !line.includes('Doe')));
  assert.deepEqual(await engine.prearchive(), []);
});

test('a failure of the library that a handler passes on keeps its class and reason', async () => {
  const handler = {
    name: 'Twice',
    describe(source) {
      const { document } = source.addSession();
      document.addScan('1', 'xnat:mrScanData');
      document.addScan('1', 'xnat:mrScanData');
    },
  };
  const engine = await newEngine({ handlers: [handler] });
  await assert.rejects(describedBy(engine, handler), {
    name: 'AlreadyExistsError',
    reason: 'document.scan-exists',
  });
});

test('a handler whose describe is asynchronous is refused', async () => {
  const handler = { name: 'Later', describe: async () => {} };
  const engine = await newEngine({ handlers: [handler] });
  await assert.rejects(describedBy(engine, handler), /hooks are synchronous/);
});

test('two handlers of one name are refused, and nothing is left of them', async () => {
  const held = heldCount();
  const handlers = [niftiFolder, niftiFolder];
  await assert.rejects(newEngine({ handlers }), { name: 'AlreadyExistsError' });
  assert.equal(heldCount(), held);
});

test('what a handler was given is of no use afterwards', async () => {
  let kept;
  const handler = {
    name: 'Keeps',
    describe(source) {
      const session = source.addSession();
      source.eachFile((file) => {
        kept = { source, session, file };
      });
      throw new HookError('keeps.all', 'for later');
    },
  };
  const engine = await newEngine({ handlers: [handler] });
  await assert.rejects(describedBy(engine, handler), { reason: 'keeps.all' });
  const { source, session, file } = kept;
  assert.equal(source.cancelled, false);
  assert.equal(source.parameter('project'), undefined);
  assert.throws(() => source.eachFile(() => {}), { reason: 'capi.bad-handle' });
  assert.throws(() => source.addSession());
  assert.throws(() => file.head(1), { reason: 'capi.bad-handle' });
  assert.throws(() => source.keep(file, session, { resource: 'X' }), { reason: 'capi.bad-handle' });
  assert.throws(() => session.document.set('label', 'x'), { reason: 'capi.bad-handle' });
});

test('a policy that does not say true denies, and one that throws ends the call', async () => {
  const asked = [];
  const thrown = new Error('no directory service');
  const accessPolicy = (user, permission, project) => {
    asked.push([user, permission, project]);
    if (user === 'broken') throw thrown;
    return user !== 'guest';
  };
  const engine = await newEngine({ accessPolicy });
  const guest = engine.addProject({ id: 'G' }, { user: 'guest' });
  await assert.rejects(guest, (error) => error instanceof PermissionError);
  await assert.rejects(engine.list('/projects/P', { user: 'broken' }), (error) => error === thrown);
  assert.deepEqual(asked, [
    ['', 'admin', ''],
    ['guest', 'admin', ''],
    ['broken', 'read', 'P'],
  ]);
});

test('events and log lines are heard, and what an event sink throws is in the report', async () => {
  const events = [];
  const lines = [];
  const engine = await newEngine({
    eventSink(event) {
      events.push(event);
      if (event.kind === 'archived') throw new HookError('sink.full', 'no more');
    },
    logSink: (level, line) => lines.push([level, line]),
  });
  const report = await archived(engine, zip);
  assert.equal(report.events.code, 'handler_failed');
  assert.deepEqual(
    events.map(({ kind, label, files, status }) => [kind, label, files, status]),
    [
      ['received', 'S1', 6, 'ok'],
      ['built', 'S1', 6, 'ok'],
      ['archived', 'S1', 6, 'ok'],
    ],
  );
  assert.equal(lines.filter(([level]) => level === 'info').length, 3);
});

test('validators find what keeps a session out, and what is only told', async () => {
  let strict = true;
  const engine = await newEngine({
    validators: [
      (candidate) => {
        assert.deepEqual([candidate.project, candidate.exists], ['P', false]);
        assert.equal(candidate.resources.flatMap(({ files }) => files).length, 6);
        assert.equal(candidate.document.get('label'), candidate.label);
        candidate.find(strict ? 'fail' : 'warn', 'site.no-consent', 'there is no consent');
      },
    ],
  });
  const src = await receive(engine, zip);
  const { findings, blocked } = await engine.validate({ src });
  assert.deepEqual([blocked, findings[0].reason], [true, 'site.no-consent']);
  await assert.rejects(engine.archive({ src }), { reason: 'site.no-consent' });
  strict = false;
  const { warnings } = await engine.archive({ src });
  assert.equal(warnings[0].reason, 'site.no-consent');
});

test('a transform rewrites files and document on their way in', async () => {
  const engine = await newEngine({
    transform: {
      name: 'shorten 1',
      transform(candidate, files, document) {
        const paths = files.paths.filter((path) => path.endsWith('.dcm'));
        assert.ok(files.read(paths[0]).length > 128);
        files.replace(paths[0], files.read(paths[0]));
        files.reject(paths[1]);
        document.set('note', `of ${candidate.label}`);
      },
    },
  });
  const { uri, files } = await archived(engine, zip);
  assert.equal(files, 5);
  assert.equal((await engine.document(uri)).get('note'), 'of S1');
});

test('a launcher runs AutoRun, fails it, or leaves it to the shell', async () => {
  const runs = [];
  const outcomes = [
    () => {},
    () => {
      throw new HookError('site.queue-full', 'later');
    },
    () => false,
  ];
  const engine = await newEngine({
    pipelineLauncher(request, context) {
      runs.push([request.command, request.sessionLabel, context.cancelled]);
      context.print('launched\n');
      return outcomes[runs.length - 1]();
    },
  });
  const pipelines = [];
  for (const id of ['A', 'B', 'C']) {
    await engine.addProject({ id, autorun: 'exit 3' });
    const { uris } = await engine.import({ data: zip, parameters: { project: id } });
    const { pipeline } = await engine.archive({ src: uris[0] });
    pipelines.push(pipeline?.reason ?? null);
  }
  assert.deepEqual(runs, Array(3).fill(['exit 3', 'S1', false]));
  assert.deepEqual(pipelines.slice(0, 2), [null, 'site.queue-full']);
  assert.match(pipelines[2], /^pipeline\./);
});

test('a hook may begin calls of its own engine', async () => {
  const begun = [];
  const eventSink = ({ kind, uri }) => {
    if (kind === 'archived') begun.push(engine.list(uri));
  };
  const engine = await newEngine({ eventSink });
  await archived(engine, zip);
  const [rows] = await Promise.all(begun);
  assert.deepEqual(
    rows.map((row) => row.ID),
    ['1', '2'],
  );
});

test('all that an engine was given is released when it is closed', async () => {
  const held = heldCount();
  const engine = await newEngine({
    handlers: [niftiFolder],
    accessPolicy: () => true,
    eventSink: () => {},
    logSink: () => {},
    validators: [() => {}, () => {}],
    transform: { name: 't 1', transform() {} },
    pipelineLauncher: () => {},
  });
  assert.equal(heldCount(), held + 8);
  await archived(engine, zip);
  await engine.close();
  assert.equal(heldCount(), held);
});

test('a hook that throws what is no error is told', async () => {
  const handler = {
    name: 'Odd',
    describe() {
      throw undefined;
    },
  };
  const engine = await newEngine({ handlers: [handler] });
  const outcome = await describedBy(engine, handler).catch((error) => [error]);
  assert.deepEqual(outcome, [undefined]);
  assert.ok(new HandlerFailedError(12, 'a.b', 'c') instanceof Error);
});
