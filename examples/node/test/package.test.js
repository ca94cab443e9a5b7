import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as xna from '../index.js';
import { functions, handles, structs } from '../src/declarations.js';
import { dicomZip, folderOf, temporary } from './support.js';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const spaces = (text) => text.replace(/\s+/g, ' ').trim();

test('the declarations are those of the header', (t) => {
  if (!process.env.XNATARCHIVE_HEADER) return t.skip('XNATARCHIVE_HEADER is not set');
  const header = readFileSync(process.env.XNATARCHIVE_HEADER, 'utf8')
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/^#.*$/gm, '');
  const all = (pattern, text) =>
    [...text.matchAll(pattern)].map((match) => spaces(match[1])).sort();
  assert.deepEqual(all(/([^;]+);/g, functions), all(/XNA_API\s+([^;]+);/g, header));
  assert.deepEqual(
    all(/(struct \w+ \{[^}]*\});/g, structs),
    all(/typedef (struct \w+ \{[^}]*\}) \w+;/g, header),
  );
  assert.deepEqual(handles.trim().split(/\s+/).sort(), all(/typedef struct (\w+) \w+;/g, header));
});

test('what the package exports is declared, and what is declared it exports', () => {
  const declared = readFileSync(here('../index.d.ts'), 'utf8');
  const names = [...declared.matchAll(/^export (?:class|function|const) (\w+)/gm)];
  assert.deepEqual(names.map(([, name]) => name).sort(), Object.keys(xna).sort());

  const engine = declared.slice(declared.indexOf('export class Engine'));
  const body = engine.slice(0, engine.indexOf('\n}\n'));
  const methods = [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  const have = Object.getOwnPropertyNames(xna.Engine.prototype);
  assert.deepEqual(new Set([...methods, 'constructor']), new Set(have));
});

test('the program prints what the README shows', async () => {
  const directory = temporary();
  const study = join(directory, 'study.zip');
  writeFileSync(study, dicomZip());
  const folder = folderOf({
    'scan.json': '{"subject": "S01", "session": "S01_MR1"}',
    'scan.nii.gz': 'an image',
  });
  const program = here('../program/archive_one.js');
  const { stdout } = await run(process.execPath, [program, join(directory, 'root'), study, folder]);
  const readme = readFileSync(here('../README.md'), 'utf8');
  assert.ok(readme.includes(stdout), stdout);
});

test('a program ends by itself when its engine is closed, and when it is not', async () => {
  for (const close of ['await engine.close();', '']) {
    const script = `
      import { createRoot, openEngine } from ${JSON.stringify(here('../index.js'))};
      const root = ${JSON.stringify(join(temporary(), 'root'))};
      await createRoot({ root });
      const engine = await openEngine({ root, logSink: () => {}, jobWorkers: 1 });
      await engine.addProject({ id: 'P' });
      ${close}
      console.log('done');`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await run(process.execPath, args, { timeout: 20_000 });
    assert.equal(stdout, 'done\n');
  }
});

test('a process that ends while calls run ends at once, as it says, and loses nothing', async () => {
  const ends = {
    'process.exit(3);': 3,
    "setTimeout(() => { throw new Error('on purpose'); }, 20);": 1,
    'setTimeout(() => process.exit(0), 100);': 0,
  };
  for (const [end, code] of Object.entries(ends)) {
    const root = join(temporary(), 'root');
    const script = `
      import { createRoot, openEngine } from ${JSON.stringify(here('../index.js'))};
      import { dicomZip } from ${JSON.stringify(here('support.js'))};
      const root = ${JSON.stringify(root)};
      await createRoot({ root });
      const options = { root, jobWorkers: 1, eventSink() {}, logSink() {}, accessPolicy: () => true };
      const engine = await openEngine(options);
      await engine.addProject({ id: 'P' });
      const data = dicomZip({ instances: 20 });
      const parameters = { project: 'P' };
      for (let i = 0; i < 4; ++i) {
        engine.import({ data, parameters: { ...parameters, session: String(i) } }, { progress() {} });
        engine.import({ stream: [data], parameters }, { progress() {} });
        engine.list();
      }
      process.on('exit', () => console.log('heard'));
      ${end}`;
    const args = ['--input-type=module', '--eval', script];
    const ended = await run(process.execPath, args, { timeout: 20_000 }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error) => error,
    );
    assert.deepEqual([ended.code, ended.stdout], [code, 'heard\n'], ended.stderr);
    const engine = await xna.openEngine({ root });
    assert.deepEqual((await engine.recover()).failed, []);
    await engine.close();
  }
});

test('a library that is not there is told', async () => {
  const script = `await import(${JSON.stringify(here('../index.js'))})`;
  const env = { ...process.env, XNATARCHIVE_LIBRARY: join(temporary(), 'none.so') };
  const args = ['--input-type=module', '--eval', script];
  await assert.rejects(run(process.execPath, args, { env }), /none\.so/);
});
