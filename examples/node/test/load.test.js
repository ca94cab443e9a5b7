import assert from 'node:assert/strict';
import test from 'node:test';
import { heldCount } from '../src/hooks.js';
import { archived, dicomZip, newEngine } from './support.js';

const zip = dicomZip({ series: 1, instances: 2 });
const collect = globalThis.gc;

test('many calls at once on one engine, with hooks that collect garbage, all end well', async () => {
  assert.equal(typeof collect, 'function', 'run with --expose-gc');
  const held = heldCount();
  const engine = await newEngine({
    threads: 2,
    accessPolicy: () => true,
    eventSink: () => collect(),
    logSink: () => {},
    validators: [() => collect()],
  });
  const archives = Array.from({ length: 24 }, async (_, i) => {
    const parameters = { project: 'P', session: `E${i}`, subject: `U${i % 5}` };
    const source = i % 2 === 0 ? { data: zip } : { stream: [zip] };
    const { uris } = await engine.import({ ...source, parameters }, { progress: () => collect() });
    return engine.archive({ src: uris[0], waitMs: 60_000 }, { progress: () => collect() });
  });
  const lists = Array.from({ length: 300 }, () => engine.list('/projects/P/experiments'));
  const reports = await Promise.all(archives);
  await Promise.all(lists);
  assert.equal(new Set(reports.map(({ uri }) => uri)).size, 24);
  assert.equal((await engine.list('/projects/P/experiments')).length, 24);
  assert.deepEqual((await engine.verify()).problems, []);
  await engine.close();
  assert.equal(heldCount(), held);
});

test('streams one after another leave nothing behind', async () => {
  const engine = await newEngine();
  for (let i = 0; i < 40; ++i) {
    const parameters = { project: 'P', session: 'SAME' };
    await engine.import({ stream: [zip], parameters });
  }
  assert.equal((await engine.prearchive()).length, 1);
  assert.equal(heldCount(), 0);
});

test('tasks, documents and engines that are forgotten do no harm', async () => {
  let engine = await newEngine();
  const { uri } = await archived(engine, zip);
  for (let i = 0; i < 20; ++i) {
    await engine.startVerify({ uris: [uri] });
    await engine.document(uri);
    collect();
  }
  const tasks = [await engine.startVerify(), await engine.startVerify()];
  engine = undefined;
  collect();
  for (const task of tasks) assert.deepEqual((await task.result()).problems, []);
});
