import assert from 'node:assert/strict';
import { PassThrough, Readable, Writable } from 'node:stream';
import test from 'node:test';
import { CancelledError } from '../index.js';
import { heldCount } from '../src/hooks.js';
import { archived, dicomZip, newEngine, receive } from './support.js';

const zip = dicomZip({ series: 4, instances: 25 });
const parameters = { project: 'P' };
const isOurs = (thrown) => (error) => error === thrown;

/** The zip in small pieces, each when the event loop has been around. */
async function* inPieces(size = 8192) {
  for (let at = 0; at < zip.length; at += size) {
    await new Promise(setImmediate);
    yield zip.subarray(at, at + size);
  }
}

test('progress is heard, with numbers that grow to the totals', async () => {
  const engine = await newEngine();
  const heard = [];
  const report = await engine.import(
    { data: zip, parameters },
    { progress: (progress) => void heard.push(progress) },
  );
  const { uri } = await engine.archive(
    { src: report.uris[0] },
    { progress: (progress) => void heard.push(progress) },
  );
  assert.ok(heard.some(({ phase }) => phase === 'receive'));
  assert.ok(
    heard.every(({ filesDone, filesTotal }) => filesTotal === 0 || filesDone <= filesTotal),
  );
  const task = await engine.startVerify({ uris: [uri] });
  await task.result();
  assert.deepEqual([task.progress.phase, task.progress.filesDone], ['verify', 100]);
});

test('a signal that is aborted before the call cancels it', async () => {
  const engine = await newEngine();
  const reason = new Error('not today');
  const options = { signal: AbortSignal.abort(reason) };
  for (const call of [
    () => engine.import({ data: zip, parameters }, options),
    () => engine.verify({}, options),
  ]) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof CancelledError);
      assert.equal(error.cause, reason);
      return true;
    });
  }
  assert.deepEqual(await engine.prearchive(), []);
});

test('a signal that is aborted meanwhile cancels, and changes nothing', async () => {
  const engine = await newEngine();
  const controller = new AbortController();
  const importing = engine.import(
    { stream: inPieces(), parameters },
    { signal: controller.signal, progress: () => controller.abort() },
  );
  await assert.rejects(importing, { name: 'CancelledError', status: 'cancelled' });
  assert.deepEqual(await engine.prearchive(), []);
});

test('progress that returns false or throws cancels; what it throws is told', async () => {
  const engine = await newEngine();
  const thrown = new Error('enough');
  const request = () => ({ stream: inPieces(), parameters });
  await assert.rejects(engine.import(request(), { progress: () => false }), CancelledError);
  const throws = {
    progress() {
      throw thrown;
    },
  };
  await assert.rejects(engine.import(request(), throws), isOurs(thrown));
  assert.deepEqual(await engine.prearchive(), []);
});

test('a task is cancelled, as often as one likes, and goes on being one', async () => {
  const engine = await newEngine();
  const task = await engine.startImport({ stream: inPieces(), parameters });
  task.cancel();
  task.cancel();
  await assert.rejects(task.result(), CancelledError);
  await assert.rejects(task.result(), CancelledError);
  task.cancel();
  assert.equal(typeof task.progress.filesDone, 'number');
});

test('an upload that stands still is cancelled, and its stream destroyed', async () => {
  const engine = await newEngine();
  const upload = new PassThrough();
  upload.write(zip.subarray(0, 1000));
  const options = { signal: AbortSignal.timeout(200) };
  await assert.rejects(engine.import({ stream: upload, parameters }, options), CancelledError);
  await new Promise(setImmediate);
  assert.ok(upload.destroyed);
  assert.deepEqual(await engine.prearchive(), []);
});

test('a stream is received while it comes in', async () => {
  const engine = await newEngine();
  const report = await engine.import({ stream: Readable.from(inPieces(777)), parameters });
  assert.equal(report.files_received, 100);
  assert.equal((await engine.archive({ src: report.uris[0] })).files, 100);
});

test('what an upload fails with is what the import rejects with', async () => {
  const engine = await newEngine();
  const thrown = new Error('connection reset');
  async function* breaks() {
    yield zip.subarray(0, 20_000);
    throw thrown;
  }
  const importing = engine.import({ stream: breaks(), parameters });
  await assert.rejects(importing, isOurs(thrown));
  await assert.rejects(engine.import({ stream: [zip.subarray(0, 20_000)], parameters }), {
    name: 'CorruptionError',
  });
  assert.deepEqual(await engine.prearchive(), []);
});

test('an export goes as fast as its stream takes it, and can be received again', async () => {
  const engine = await newEngine();
  const { uri } = await archived(engine, zip);
  const pieces = [];
  let most = 0;
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      most = Math.max(most, this.writableLength);
      pieces.push(chunk);
      setTimeout(done, 1);
    },
  });
  await engine.export({ uri, stream: slow });
  assert.equal(slow.writableEnded, false);
  assert.ok(most <= Math.max(...pieces.map((piece) => piece.length)), 'one piece at a time');
  await engine.addProject({ id: 'COPY' });
  const again = { stream: [Buffer.concat(pieces)], parameters: { project: 'COPY' } };
  assert.equal((await engine.import(again)).files_received, 100);
});

test('a stream that can not be written to ends the export with its error', async () => {
  const engine = await newEngine();
  const { uri } = await archived(engine, zip);
  const thrown = new Error('client has gone');
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(thrown) });
  await assert.rejects(engine.export({ uri, stream: broken }), isOurs(thrown));
  const path = '/nowhere/at/all.zip';
  await assert.rejects(engine.export({ uri, path }), { name: 'NotFoundError' });
});

test('a request that is refused before its stream is read leaves nothing behind', async () => {
  const engine = await newEngine();
  const held = heldCount();
  const both = { stream: inPieces(), path: '/x', parameters };
  await assert.rejects(engine.import(both), { name: 'InvalidArgumentError' });
  assert.equal(heldCount(), held);
});

test('the event loop goes on while the library works', async () => {
  const engine = await newEngine();
  const src = await receive(engine, zip);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const started = performance.now();
  await engine.archive({ src });
  clearInterval(timer);
  const passed = performance.now() - started;
  assert.ok(turns > passed / 200, `${turns} turns in ${passed} ms`);
});
