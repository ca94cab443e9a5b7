package org.xnatarchive;

/** Decides who may do what. May be asked on several threads at once. */
@FunctionalInterface
public interface AccessPolicy {
  /** What a user wants to do. */
  enum Permission {
    READ,
    EDIT,
    DELETE,
    ADMIN
  }

  /**
   * May {@code user} ("": nobody in particular) do this to {@code project} ("": Unassigned
   * sessions; with ADMIN the site)? What it throws ends the call.
   */
  boolean allows(String user, Permission permission, String project) throws Exception;
}
