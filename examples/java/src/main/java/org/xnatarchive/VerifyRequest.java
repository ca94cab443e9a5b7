package org.xnatarchive;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;

/** Asks for archived files to be compared with their catalogs. */
public final class VerifyRequest extends Request {
  private static final int ALL_DIGESTS = 1;

  private final List<String> uris;
  private boolean allDigests;
  private double samplePercent = 100;
  private long seed;
  private long bytesPerSecondMax;
  private Path resumePath;

  private VerifyRequest(List<String> uris) {
    this.uris = uris;
  }

  /** None: everything the caller may read. */
  public static VerifyRequest of(String... uris) {
    return new VerifyRequest(List.of(uris));
  }

  /** All digests that are known; otherwise one is enough. */
  public VerifyRequest allDigests() {
    allDigests = true;
    return this;
  }

  /**
   * Share of the files that are read, above 0 and up to 100; the seed chooses, 0: one of its own.
   */
  public VerifyRequest sample(double percent, long seed) {
    samplePercent = percent;
    this.seed = seed;
    return this;
  }

  /** 0: as fast as the disk allows. */
  public VerifyRequest bytesPerSecondMax(long bytesPerSecondMax) {
    this.bytesPerSecondMax = bytesPerSecondMax;
    return this;
  }

  /** A file outside of the trees that keeps how far it is. */
  public VerifyRequest resumeFrom(Path resumePath) {
    this.resumePath = resumePath;
    return this;
  }

  @Override
  Struct struct(Arena arena) {
    return Struct.of(arena, "xna_verify_request")
        .set("flags", allDigests ? ALL_DIGESTS : 0)
        .set("uris", "uri_count", uris)
        .set("sample_percent", samplePercent)
        .set("seed", seed)
        .set("bytes_per_second_max", bytesPerSecondMax)
        .set("resume_path", resumePath == null ? null : resumePath.toString());
  }
}
