import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import * as xna from '../index.js';
import {
  archived,
  dicom,
  dicomZip,
  filesBelow,
  newEngine,
  receive,
  temporary,
  zipOf,
} from './support.js';

const zip = dicomZip();

test('versions are told', () => {
  assert.match(xna.version(), /^\d+\.\d+\.\d+$/);
  assert.equal(Math.trunc(xna.abiVersion() / 1000), 1);
});

test('a root is made once, and one that is not there is told', async () => {
  const root = pathToFileURL(join(temporary(), 'root'));
  await xna.createRoot({ root }, { siteId: 'HERE', checksum: 'md5' });
  await assert.rejects(xna.createRoot({ root }), {
    name: 'AlreadyExistsError',
    reason: 'engine.root-in-use',
  });
  const engine = await xna.openEngine({ root });
  assert.equal(await engine.setting('site_id'), 'HERE');
  await engine.close();
  await assert.rejects(xna.openEngine({ root: temporary() }), {
    name: 'NotFoundError',
    reason: 'engine.no-root',
  });
});

test('a folder, bytes and a file URL are received alike', async () => {
  const engine = await newEngine();
  const directory = dicom();
  const parameters = { project: 'P' };
  for (const path of [directory, pathToFileURL(directory)]) {
    const report = await engine.import({ path, parameters });
    assert.equal(report.files_received + report.files_identical, 6);
  }
  const src = await receive(engine, new Uint8Array(zip));
  assert.match(src, /^\/data\/prearchive\/projects\/P\/\d{8}_\d{9}\/S1$/);
});

test('bytes that change when the import has begun are imported as they were', async () => {
  const engine = await newEngine();
  const data = Buffer.from(zip);
  const task = await engine.startImport({ data, parameters: { project: 'P' } });
  data.fill(0);
  assert.equal((await task.result()).files_received, 6);
});

test('a session goes the whole round', async () => {
  const engine = await newEngine();
  const src = await receive(engine, zip);
  assert.equal((await engine.prearchive('P')).length, 1);
  await engine.build(src);
  assert.equal((await engine.prearchiveSession(src)).state, 'READY');

  const validation = await engine.validate({ src });
  assert.equal(validation.blocked, false);
  const report = await engine.archive({ src }, { user: 'ann', origin: 'test' });
  assert.deepEqual([report.scans, report.files, report.status], [2, 6, 'active']);
  assert.deepEqual(await engine.prearchive(), []);

  const scans = await engine.list(report.uri);
  assert.deepEqual(scans.map((row) => row.ID).slice(0, 2), ['1', '2']);
  const refreshed = await engine.refresh({ uris: [report.uri], checksum: true });
  assert.equal(refreshed.catalogs.length, 2);
  const verified = await engine.verify();
  assert.deepEqual([verified.files_read, verified.problems], [6, []]);
  const audit = await engine.audit();
  assert.deepEqual(
    audit.map((row) => [row.type, row.user, row.origin]),
    [
      ['Received', 'unknown', ''],
      ['Built', 'unknown', ''],
      ['Transferred', 'ann', 'test'],
    ],
  );

  const copy = join(temporary(), 'copy.zip');
  await engine.export({ uri: report.uri, path: copy, bag: true });
  assert.equal(readFileSync(copy).subarray(0, 2).toString(), 'PK');
  assert.deepEqual((await engine.recover()).failed, []);
  assert.equal(typeof (await engine.reindex()), 'object');
});

test('a session that exists is a conflict, and can be merged into', async () => {
  const engine = await newEngine();
  await archived(engine, zip);
  const src = await receive(engine, zip);
  const conflict = engine.archive({ src });
  await assert.rejects(conflict, (error) => {
    assert.ok(error instanceof xna.ConflictError);
    assert.ok(error instanceof xna.XnatArchiveError);
    const { name, status, statusCode, reason, diskState, errno } = error;
    assert.deepEqual(
      { name, status, statusCode, reason, diskState, errno },
      {
        name: 'ConflictError',
        status: 'conflict',
        statusCode: 4,
        reason: 'archive.session-exists',
        diskState: 'unchanged',
        errno: 0,
      },
    );
    return true;
  });
  assert.match((await engine.prearchiveLog(src)).at(-1), /archive\.session-exists/);
  await engine.checkPrearchiveSession(src, 'delete');
  await assert.rejects(engine.checkPrearchiveSession(src, 'all'), xna.InvalidArgumentError);
  assert.equal((await engine.archive({ src, overwrite: 'append' })).merged, true);
  await assert.rejects(engine.checkPrearchiveSession(src, 'read'), xna.NotFoundError);
});

test('what a merge replaced is listed, and can be restored and pruned', async () => {
  const engine = await newEngine();
  const { uri } = await archived(engine, zip);
  await engine.archive({ src: await receive(engine, otherPixels()), overwrite: 'delete' });
  const [record] = await engine.history(uri);
  assert.equal(Number(record.files) > 0, true);
  await engine.restoreHistory(record.ID);
  const [replaced] = await engine.history();
  await engine.pruneHistory(replaced.ID);
  assert.deepEqual(await engine.history(), []);
});

/** The same objects with another last byte each, and more of them. */
function otherPixels() {
  const files = filesBelow(dicom({ instances: 4 })).map(([path, bytes]) => {
    const changed = Buffer.from(bytes);
    changed[changed.length - 1] ^= 1;
    return [path, changed];
  });
  return zipOf(files);
}

test('a session is archived into quarantine, and activated once', async () => {
  const engine = await newEngine();
  const src = await receive(engine, zip);
  const fields = { 'xnat:mrSessionData/note': 'seen' };
  const { uri, status } = await engine.archive({ src, quarantine: true, pipelines: false, fields });
  assert.equal(status, 'quarantine');
  assert.equal(await engine.activate(uri), true);
  assert.equal(await engine.activate(uri), false);
});

test('a document is read, its copy is read-only, and its XML is that on disk', async () => {
  const engine = await newEngine();
  const { uri } = await archived(engine, zip);
  const document = await engine.document(uri);
  assert.deepEqual(document.scanIds, ['1', '2']);
  assert.equal(document.get('label'), 'S1');
  assert.equal(document.get('nothing_of_this_name'), '');
  assert.equal(document.get('type', '99'), undefined);
  assert.equal(document.toJSON().label, 'S1');
  assert.throws(() => document.set('label', 'S2'), { reason: 'document.read-only' });
  assert.throws(() => document.addScan('9', 'xnat:mrScanData'), { reason: 'document.read-only' });
  assert.match((await engine.documentXml(uri)).toString('utf8'), /^<\?xml/);
});

test('projects and settings are told and set', async () => {
  const engine = await newEngine();
  await engine.addProject({ id: 'Q', prearchiveCode: 4, quarantineCode: 1 });
  const projects = await engine.projects();
  assert.deepEqual(
    projects.map((row) => [row.ID, row.prearchive_code, row.quarantine_code]),
    [
      ['P', '0', '0'],
      ['Q', '4', '1'],
    ],
  );
  await engine.setSetting('aliases', 'other', 'P');
  assert.equal(await engine.setting('aliases', 'P'), 'other');
  assert.ok((await engine.settings()).some((row) => row.name === 'checksum'));
  await assert.rejects(engine.setting('no_such'), { reason: 'setting.unknown' });
});

test('jobs are submitted, found, worked off, waited for and cancelled', async () => {
  const engine = await newEngine();
  const src = await receive(engine, zip);
  const id = await engine.submit([{ src }]);
  await assert.rejects(engine.waitForJob(id, { timeoutMs: 0 }), { reason: 'job.timeout' });
  assert.equal((await engine.job(id)).items.length, 1);
  assert.equal(await engine.runJob(), true);
  assert.equal(await engine.runJob(), false);
  assert.equal((await engine.waitForJob(id)).state, 'done');

  const next = await engine.submit([{ src: await receive(engine, zip) }]);
  await engine.cancelJob(next);
  assert.equal((await engine.waitForJob(next)).state, 'cancelled');
  assert.deepEqual((await engine.jobs()).length, 2);
  await assert.rejects(engine.submit([]), { reason: 'job.empty' });
});

test('job workers archive what is submitted, with hooks that run meanwhile', async () => {
  const events = [];
  const engine = await newEngine({ jobWorkers: 2, eventSink: ({ kind }) => events.push(kind) });
  const id = await engine.submit([{ src: await receive(engine, zip) }]);
  assert.equal((await engine.waitForJob(id, { timeoutMs: 30_000 })).state, 'done');
  await engine.close();
  assert.ok(events.includes('archived'));
});

test('after close every call rejects, and closing again does nothing', async () => {
  const engine = await newEngine();
  const src = await receive(engine, zip);
  const task = await engine.startArchive({ src });
  await Promise.all([engine.close(), engine.close()]);
  assert.equal((await task.result()).files, 6);
  for (const call of ['list', 'projects', 'runJob', 'verify', 'jobs']) {
    const badHandle = { name: 'InvalidArgumentError', reason: 'capi.bad-handle' };
    await assert.rejects(engine[call](), badHandle, call);
  }
  await assert.rejects(engine.archive({ src }), { reason: 'capi.bad-handle' });
});

test('texts that C can not hold, and values of other types, are refused', async () => {
  const engine = await newEngine();
  const badText = { name: 'InvalidArgumentError', reason: 'capi.bad-text' };
  await assert.rejects(engine.list('/projects/P\0/x'), badText);
  await assert.rejects(engine.archive({ src: 'a\ud800' }), badText);
  await assert.rejects(engine.addProject({ id: 'A' }, { user: 'a\0b' }), badText);
  await assert.rejects(engine.import({ path: 'x', parameters: { 'a\0': 'b' } }), badText);
  await assert.rejects(engine.import({ path: 'a\nb' }), badText);
  await assert.rejects(engine.list(7), TypeError);
  await assert.rejects(engine.import({ data: 'text' }), TypeError);
  await assert.rejects(engine.archive({ src: 'x', overwrite: 'all' }), TypeError);
  await assert.rejects(engine.import({}), { name: 'InvalidArgumentError' });
  const nothing = { data: new Uint8Array(), parameters: { project: 'P' } };
  await assert.rejects(engine.import(nothing), { reason: 'container.unknown-format' });
  await assert.rejects(xna.openEngine({ root: 'a\0' }), badText);
});

test('a session that is removed from the prearchive is gone', async () => {
  const engine = await newEngine();
  const src = await receive(engine, zip);
  await engine.deletePrearchiveSession(src);
  await assert.rejects(engine.prearchiveSession(src), { name: 'NotFoundError' });
});

test('a session that comes over time is moved, and built when nothing more comes', async () => {
  const engine = await newEngine();
  await engine.addProject({ id: 'Q' });
  const subject = await engine.addSubject('Q', 'S9');
  assert.equal(await engine.addSubject('Q', 'S9'), subject);
  const moved = await engine.movePrearchiveSession(await receive(engine, zip), 'Q');
  assert.match(moved, /^\/data\/prearchive\/projects\/Q\//);
  assert.deepEqual((await engine.commitIdle()).built, []);
  await engine.setSetting('session_idle_minutes', '0');
  assert.deepEqual((await engine.commitIdle()).built, [moved]);
  await engine.setPrearchiveState(moved, 'ERROR');
  assert.equal((await engine.setPrearchiveState(moved)).state, 'READY');
  await engine.build(moved, { fields: { 'xnat:mrSessionData/note': 'seen' }, user: 'ann' });
  await engine.build(moved);
  assert.equal((await engine.document(moved)).get('note'), 'seen');
  const refused = engine.build(moved, { fields: { 'no path': 'seen' } });
  await assert.rejects(refused, { reason: 'build.bad-field' });
});
