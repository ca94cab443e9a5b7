package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A call that failed. Its class says how, by the library's status; a status that is not known has
 * this class itself. A failed call has changed nothing unless {@link #diskState()} says otherwise.
 */
public class XnatArchiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final int OK = 0;
  static final int INVALID_ARGUMENT = 1;
  static final int LOCKED = 5;
  static final int PERMISSION = 9;

  /** What a failed call has left. */
  public enum DiskState {
    UNCHANGED,
    ROLLED_BACK,
    /** Done and durable; only cleaning up afterwards failed. */
    COMMITTED,
    /** {@link Engine#recover} finishes it. */
    RECOVERY_PENDING
  }

  private final int status;
  private final String reason;
  private final String path;
  private final DiskState diskState;
  private final int errno;

  private XnatArchiveException(Details details) {
    super(details.message, details.cause);
    status = details.status;
    reason = details.reason;
    path = details.path;
    diskState = details.diskState;
    errno = details.errno;
  }

  /** XNA_E_*. */
  public int status() {
    return status;
  }

  /** A stable slug for programs to match, such as "archive.session-exists". */
  public String reason() {
    return reason;
  }

  /** The file concerned, relative to its root; "" when there is none. */
  public String path() {
    return path;
  }

  public DiskState diskState() {
    return diskState;
  }

  /** Of the call of the operating system that failed; 0 when none did. */
  public int errno() {
    return errno;
  }

  private record Details(
      int status,
      String reason,
      String message,
      String path,
      DiskState diskState,
      int errno,
      Throwable cause) {}

  static XnatArchiveException of(int status, String reason, String message) {
    return of(new Details(status, reason, message, "", DiskState.UNCHANGED, 0, null));
  }

  /** The same, caused by a checked exception. */
  XnatArchiveException causedBy(Throwable cause) {
    return of(new Details(status, reason, getMessage(), path, diskState, errno, cause));
  }

  private static XnatArchiveException of(Details details) {
    return switch (details.status) {
      case INVALID_ARGUMENT -> new InvalidArgument(details);
      case 2 -> new NotFound(details);
      case 3 -> new AlreadyExists(details);
      case 4 -> new Conflict(details);
      case LOCKED -> new Locked(details);
      case 6 -> new Corruption(details);
      case 7 -> new Io(details);
      case 8 -> new NoSpace(details);
      case PERMISSION -> new Permission(details);
      case 10 -> new Unsupported(details);
      case 11 -> new Cancelled(details);
      case 12 -> new HandlerFailed(details);
      case 13 -> new RecoveryRequired(details);
      case 14 -> new NoMemory(details);
      case 15 -> new Internal(details);
      default -> new XnatArchiveException(details);
    };
  }

  /** Frees the library's error, and makes an exception of it. */
  private static RuntimeException taken(int status, MemorySegment error) {
    try {
      Throwable thrown = Thrown.of(Native.number("xna_error_host_status", error));
      if (thrown instanceof RuntimeException unchecked) return unchecked;
      if (thrown instanceof Error fatal) throw fatal;
      int state = Native.number("xna_error_disk_state", error);
      DiskState[] states = DiskState.values();
      return of(
          new Details(
              status,
              Native.text("xna_error_reason", error),
              Native.text("xna_error_message", error),
              Native.text("xna_error_path", error),
              states[state < 0 || state >= states.length ? 0 : state],
              Native.number("xna_error_os_errno", error),
              thrown));
    } finally {
      Native.call("xna_error_free", error);
    }
  }

  /**
   * Calls a function whose last parameter is out_error, which is added, and throws what it says.
   */
  static void check(Arena arena, String function, Object... arguments) {
    MemorySegment error = arena.allocate(ValueLayout.ADDRESS);
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = error;
    int status = Native.number(function, all);
    if (status != OK) throw taken(status, error.get(ValueLayout.ADDRESS, 0));
  }

  /** Throws what an xna_error says that came in another way than by a status. */
  static RuntimeException taken(MemorySegment error) {
    return taken(Native.number("xna_error_status", error), error);
  }

  /** The request is malformed or contradicts itself; also "capi.bad-handle" after a close. */
  public static final class InvalidArgument extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private InvalidArgument(Details details) {
      super(details);
    }
  }

  /** Nothing is there under that name. */
  public static final class NotFound extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private NotFound(Details details) {
      super(details);
    }
  }

  /** The name is taken. */
  public static final class AlreadyExists extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private AlreadyExists(Details details) {
      super(details);
    }
  }

  /** The archive holds something the request contradicts. */
  public static final class Conflict extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private Conflict(Details details) {
      super(details);
    }
  }

  /** Somebody else works on it; retry later. */
  public static final class Locked extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private Locked(Details details) {
      super(details);
    }
  }

  /** Input can not be read as what it claims to be. */
  public static final class Corruption extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private Corruption(Details details) {
      super(details);
    }
  }

  /** The operating system refused a read or write. */
  public static final class Io extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private Io(Details details) {
      super(details);
    }
  }

  /** The disk or a quota is full. */
  public static final class NoSpace extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private NoSpace(Details details) {
      super(details);
    }
  }

  /** The operating system or the access policy says no. */
  public static final class Permission extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private Permission(Details details) {
      super(details);
    }
  }

  /** Valid, but this library can not do it. */
  public static final class Unsupported extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private Unsupported(Details details) {
      super(details);
    }
  }

  /** The caller asked to stop. */
  public static final class Cancelled extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private Cancelled(Details details) {
      super(details);
    }
  }

  /** A hook failed; the cause is the checked exception it threw. */
  public static final class HandlerFailed extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private HandlerFailed(Details details) {
      super(details);
    }
  }

  /** An earlier operation is unfinished. */
  public static final class RecoveryRequired extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private RecoveryRequired(Details details) {
      super(details);
    }
  }

  /** Memory ran out. */
  public static final class NoMemory extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private NoMemory(Details details) {
      super(details);
    }
  }

  /** A bug in the library; please report it. */
  public static final class Internal extends XnatArchiveException {
    private static final long serialVersionUID = 1L;

    private Internal(Details details) {
      super(details);
    }
  }
}
