// Package xnatarchive is XNAT's archive services in process: imaging sessions are received into a
// prearchive, checked, and merged into an archive, crash-safe and without a server. It is a binding
// of the C interface in xnatarchive.h, whose comments are the reference for what each call does.
//
// # Calls
//
// An [Engine] is one root, opened. Its methods take a context first and call options last:
//
//	engine, err := xnatarchive.Open(xnatarchive.Options{Root: "/srv/xnat"})
//	...
//	defer engine.Close()
//	report, err := engine.Import(ctx, xnatarchive.ImportRequest{Path: "study.zip"},
//		xnatarchive.User("alice"), xnatarchive.OnProgress(show))
//
// When the context is done the call ends within a tenth of a second, with an error that is both
// [ErrCancelled] and the context's, and has changed nothing; past the point where it can stop it
// goes on to its end. Functions named Start do the same call as a [Task].
//
// # Errors
//
// Errors are *[Error]. Match a status with errors.Is(err, xnatarchive.ErrConflict), and take the
// stable slug of errors.As in Error.Reason. An error that a function of the host returned, such as
// a handler or an [io.Reader], is in the chain as itself; a panic is a *[PanicError].
//
// # Functions of the host
//
// Handlers, policies, sinks and so on are called on the goroutine that is in the call, or for tasks
// and job workers on threads of the library, several at once. They must not end their goroutine
// ([runtime.Goexit], which [testing.T.FailNow] calls): the library's call could not finish, so that
// ends the program. What they may do with the engine meanwhile is said where each is defined;
// anything else is an ErrInvalidArgument with the reason "capi.reentered".
//
// # Threads
//
// Engine and Task may be used by any number of goroutines. Documents, and what is given to a
// function of the host, serve one at a time.
package xnatarchive

/*
#cgo LDFLAGS: -lxnatarchive
#include <xnatarchive.h>
*/
import "C"

import "fmt"

// Version is the version of the library that is loaded, as "MAJOR.MINOR.PATCH".
func Version() string { return C.GoString(C.xna_version()) }

// VersionNumber is the same as major * 1000000 + minor * 1000 + patch.
func VersionNumber() uint32 { return uint32(C.xna_version_number()) }

// ABIVersion is the version of the C interface of the library that is loaded, as
// major * 1000 + minor.
func ABIVersion() uint32 { return uint32(C.xna_abi_version()) }

// checkABI fails when the library that is loaded does not serve the header this was compiled with.
func checkABI() error {
	const perMajor = 1000
	have, want := ABIVersion(), uint32(C.XNA_ABI_VERSION)
	if have/perMajor == want/perMajor && have >= want {
		return nil
	}
	return &Error{Status: ErrUnsupported, Reason: "binding.other-abi",
		Message: fmt.Sprintf("the library has version %d of its interface, this program needs %d",
			have, want)}
}
