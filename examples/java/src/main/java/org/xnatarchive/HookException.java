package org.xnatarchive;

/**
 * What a hook throws to say why, in words the library may log. Of any other exception only the
 * class is told to it. The call it is in throws this very object.
 */
public class HookException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason a slug of the host's own: [a-z0-9.-]{1,64}
   * @param message one line without patient data
   */
  public HookException(String reason, String message) {
    super(message);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }
}
