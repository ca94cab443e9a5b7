package org.xnatarchive;

/**
 * Who calls, and how the call reports and stops. A call is also cancelled by interrupting its
 * thread, which stays interrupted.
 *
 * @param user recorded, and what the access policy is asked about; null: nobody
 * @param origin from where, recorded in the audit trail; null: nowhere
 * @param progress null: nobody listens
 * @param cancel null: by interrupting only
 */
public record CallOptions(String user, String origin, ProgressListener progress, Cancel cancel) {
  /** Nobody, silently. */
  public static final CallOptions NONE = new CallOptions(null, null, null, null);

  public CallOptions user(String user) {
    return new CallOptions(user, origin, progress, cancel);
  }

  public CallOptions origin(String origin) {
    return new CallOptions(user, origin, progress, cancel);
  }

  public CallOptions progress(ProgressListener progress) {
    return new CallOptions(user, origin, progress, cancel);
  }

  public CallOptions cancel(Cancel cancel) {
    return new CallOptions(user, origin, progress, cancel);
  }
}
