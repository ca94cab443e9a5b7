// nifti_folder.js - an import handler: a folder of NIfTI images with one JSON side-car, such as
//
//   scan.json    {"subject": "S01", "session": "S01_MR1", "series_description": "T1w"}
//   scan.nii.gz
import { HookError } from 'xnatarchive';

const SIDECAR_BYTES_MAX = 1 << 20;

function formatOf(path) {
  if (path.endsWith('.json')) return 'JSON';
  return path.endsWith('.nii') || path.endsWith('.nii.gz') ? 'NIFTI' : undefined;
}

export const niftiFolder = {
  name: 'NIfTI-folder',

  describe(source) {
    const session = source.addSession();
    let sidecar;
    source.eachFile((file) => {
      const format = formatOf(file.path);
      if (format === undefined) {
        source.skip(file, 'nifti.other-file', 'not NIfTI, not JSON');
        return;
      }
      if (format === 'JSON') sidecar = JSON.parse(file.head(SIDECAR_BYTES_MAX));
      source.keep(file, session, { scan: '1', resource: 'NIFTI', format });
    });
    if (sidecar === undefined) throw new HookError('nifti.no-sidecar', 'there is no .json file');

    const { document } = session;
    document.set('xsi_type', 'xnat:mrSessionData');
    document.set('label', sidecar.session);
    document.set('subject_ID', sidecar.subject);
    document.addScan('1', 'xnat:mrScanData');
    document.set('series_description', sidecar.series_description ?? '', '1');
  },
};
