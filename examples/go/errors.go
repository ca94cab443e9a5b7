package xnatarchive

/*
#include <xnatarchive.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
)

// Status is how a call failed: what the caller can do about it. It is an error, so that
// errors.Is(err, ErrConflict) and the like tell. New values may come; take one you do not know for
// a plain failure.
type Status int32

const (
	ErrInvalidArgument  Status = C.XNA_E_INVALID_ARGUMENT  // The request is malformed or contradicts itself.
	ErrNotFound         Status = C.XNA_E_NOT_FOUND         // Nothing is there under that name.
	ErrAlreadyExists    Status = C.XNA_E_ALREADY_EXISTS    // The name is taken.
	ErrConflict         Status = C.XNA_E_CONFLICT          // The archive holds something the request contradicts.
	ErrLocked           Status = C.XNA_E_LOCKED            // Somebody else works on it; retry later.
	ErrCorruption       Status = C.XNA_E_CORRUPTION        // Input can not be read as what it claims to be.
	ErrIO               Status = C.XNA_E_IO                // The operating system refused a read or write.
	ErrNoSpace          Status = C.XNA_E_NO_SPACE          // The disk or a quota is full.
	ErrPermission       Status = C.XNA_E_PERMISSION        // The operating system or the access policy says no.
	ErrUnsupported      Status = C.XNA_E_UNSUPPORTED       // Valid, but the library can not do it.
	ErrCancelled        Status = C.XNA_E_CANCELLED         // The caller asked to stop.
	ErrHandlerFailed    Status = C.XNA_E_HANDLER_FAILED    // A function of the host failed.
	ErrRecoveryRequired Status = C.XNA_E_RECOVERY_REQUIRED // An earlier operation is unfinished.
	ErrNoMemory         Status = C.XNA_E_NO_MEMORY
	ErrInternal         Status = C.XNA_E_INTERNAL // A bug in the library; please report it.
)

// Error is the status's name, such as "conflict"; "unknown" for a value the library does not know.
func (s Status) Error() string { return C.GoString(C.xna_status_name(C.xna_status(s))) }

// ErrPassthrough is returned by a function of the host: as if it were not installed.
var ErrPassthrough = errors.New("xnatarchive: as if this function were not installed")

// DiskState is what a call that failed has left on the disk.
type DiskState int32

const (
	DiskUnchanged       DiskState = C.XNA_DISK_UNCHANGED        // Nothing visible was changed.
	DiskRolledBack      DiskState = C.XNA_DISK_ROLLED_BACK      // Something was changed and has been put back.
	DiskCommitted       DiskState = C.XNA_DISK_COMMITTED        // Done and durable; only cleaning up afterwards failed.
	DiskRecoveryPending DiskState = C.XNA_DISK_RECOVERY_PENDING // Unfinished; Engine.Recover does it.
)

// Error is why a call failed.
type Error struct {
	Status    Status
	Reason    string // A stable slug, such as "merge.file-differs", for programs to match.
	Message   string // One line for people, without patient data.
	Path      string // The file concerned, relative to its root; "" when there is none.
	DiskState DiskState
	Errno     syscall.Errno // Of the call of the operating system that failed; 0 when none did.
	// Cause is the error of a function of the host, or of the context, that made the call fail; nil
	// when there is none.
	Cause error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("xnatarchive: %s: %s: %s", e.Status, e.Reason, e.Message)
	if e.Path != "" {
		text += " (" + e.Path + ")"
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap gives the status, the cause and the error of the operating system to errors.Is and
// errors.As.
func (e *Error) Unwrap() []error {
	chain := []error{e.Status}
	if e.Cause != nil {
		chain = append(chain, e.Cause)
	}
	if e.Errno != 0 {
		chain = append(chain, e.Errno)
	}
	return chain
}

// PanicError is a panic in a function of the host. It was stopped there; the call that the function
// was in has failed with this as its cause.
type PanicError struct {
	Value any    // What the function panicked with.
	Stack []byte // Where, as debug.Stack tells.
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// takeError frees the library's error, and is nil for XNA_OK.
func takeError(status C.xna_status, from *C.xna_error) error {
	if status == C.XNA_OK {
		return nil
	}
	if from == nil { // out of memory even for the error
		return &Error{Status: Status(status), Reason: "binding.no-error", Message: "no more is known"}
	}
	defer C.xna_error_free(from)
	return &Error{
		Status:    Status(status),
		Reason:    C.GoString(C.xna_error_reason(from)),
		Message:   C.GoString(C.xna_error_message(from)),
		Path:      C.GoString(C.xna_error_path(from)),
		DiskState: DiskState(C.xna_error_disk_state(from)),
		Errno:     syscall.Errno(C.xna_error_os_errno(from)),
		Cause:     hostErrors.find(int32(C.xna_error_host_status(from))),
	}
}

// hostErrors holds what the host's functions returned last, under the status that stands for each on
// its way through the library. Not all arrive: what a sink returns is only noted in a report. So
// the oldest make room.
var hostErrors errorTable

const hostErrorsMax = 4096

// callFailed is returned by callbacks whose call knows what they failed with.
const callFailed int32 = C.XNA_HOST_STATUS_MIN

type errorTable struct {
	mutex  sync.Mutex
	next   uint64
	errors [hostErrorsMax]hostError
}

type hostError struct {
	status int32
	err    error
}

// add returns the status that find will know err by. It is never callFailed.
func (t *errorTable) add(err error) int32 {
	const statuses = 1 << 30
	t.mutex.Lock()
	defer t.mutex.Unlock()
	status := callFailed + 1 + int32(t.next%statuses)
	t.errors[status%hostErrorsMax] = hostError{status, err}
	t.next++
	return status
}

// find is nil for a status that is none of add's, or too old.
func (t *errorTable) find(status int32) error {
	if status <= callFailed {
		return nil
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if at := t.errors[status%hostErrorsMax]; at.status == status {
		return at.err
	}
	return nil
}

// badText is how a text with a NUL is refused, which could not be told to the library.
func badText(text string) error {
	if strings.IndexByte(text, 0) < 0 {
		return nil
	}
	return &Error{Status: ErrInvalidArgument, Reason: "capi.bad-text", Message: "a text has a NUL"}
}
