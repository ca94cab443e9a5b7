package program;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import org.xnatarchive.HookException;
import org.xnatarchive.ImportHandler;
import org.xnatarchive.ImportSource;
import org.xnatarchive.SessionDocument;

/**
 * A folder of NIfTI images with one JSON side-car, such as
 *
 * <pre>
 *   scan.json    {"subject": "S01", "session": "S01_MR1", "series_description": "T1w"}
 *   scan.nii.gz
 * </pre>
 */
public final class NiftiFolder implements ImportHandler {
  private static final long SIDECAR_BYTES_MAX = 1 << 20;

  @Override
  public String name() {
    return "NIfTI-folder";
  }

  @Override
  public void describe(ImportSource source) throws Exception {
    ImportSource.ImportedSession session = source.addSession();
    JsonObject sidecar = new JsonObject();
    source.forEachFile(
        file -> {
          String path = file.path();
          if (path.endsWith(".json")) {
            String text = new String(file.head(SIDECAR_BYTES_MAX), StandardCharsets.UTF_8);
            JsonObject read = JsonParser.parseString(text).getAsJsonObject();
            read.entrySet().forEach(entry -> sidecar.add(entry.getKey(), entry.getValue()));
            source.keep(file, session, ImportSource.Entry.of("1", "NIFTI", "JSON"));
          } else if (path.endsWith(".nii") || path.endsWith(".nii.gz")) {
            source.keep(file, session, ImportSource.Entry.of("1", "NIFTI", "NIFTI"));
          } else {
            source.skip(file, "nifti.other-file", "not NIfTI, not JSON");
          }
        });
    if (!sidecar.has("session")) {
      throw new HookException("nifti.no-sidecar", "no .json file names the session");
    }
    SessionDocument document = session.document();
    document.set("xsi_type", "xnat:mrSessionData");
    document.set("label", sidecar.get("session").getAsString());
    document.set("subject_ID", sidecar.get("subject").getAsString());
    document.addScan("1", "xnat:mrScanData");
    if (sidecar.has("series_description")) {
      document.set("1", "series_description", sidecar.get("series_description").getAsString());
    }
  }
}
