// archive_one.js - the whole round: receive a zip, archive it, meet a conflict, and teach the
// archive a kind of input it does not know.
//
//   node archive_one.js ROOT STUDY_ZIP NIFTI_FOLDER
import { ConflictError, createRoot, openEngine } from 'xnatarchive';
import { niftiFolder } from './nifti_folder.js';

const [root, study, folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node archive_one.js ROOT STUDY_ZIP NIFTI_FOLDER');
  process.exit(2);
}

await createRoot({ root });
const engine = await openEngine({ root, threads: 0, handlers: [niftiFolder] });
try {
  await engine.addProject({ id: 'DEMO' });

  const received = await engine.import({ path: study, parameters: { project: 'DEMO' } });
  const phases = new Set();
  for (const src of received.uris) {
    const archived = await engine.archive(
      { src },
      {
        progress({ phase }) {
          phases.add(phase);
        },
      },
    );
    console.log(`archived ${archived.uri}, ${archived.files} files`);
  }
  console.log(`heard of ${phases.size > 0 ? 'progress' : 'nothing'}`);

  const again = await engine.import({ path: study, parameters: { project: 'DEMO' } });
  try {
    await engine.archive({ src: again.uris[0] });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    console.log(`conflict: ${error.reason}`);
    const merged = await engine.archive({ src: again.uris[0], overwrite: 'append' });
    console.log(`merged into ${merged.uri}`);
  }

  const images = await engine.import({
    path: folder,
    handler: niftiFolder.name,
    parameters: { project: 'DEMO' },
  });
  const session = await engine.archive({ src: images.uris[0] });
  const files = await engine.list(`${session.uri}/scans/1/resources/NIFTI`);
  console.log(`archived ${session.uri}: ${files.map((file) => Object.values(file)[0]).join(', ')}`);
} finally {
  await engine.close();
}
