package xnatarchive

/*
#include <xnatarchive.h>
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// SourceKind is what kind of input an import has.
type SourceKind int32

const (
	SourceFile              SourceKind = C.XNA_SOURCE_FILE
	SourceFolder            SourceKind = C.XNA_SOURCE_FOLDER
	SourceContainer         SourceKind = C.XNA_SOURCE_CONTAINER
	SourcePrearchiveSession SourceKind = C.XNA_SOURCE_PREARCHIVE_SESSION
	SourceSessionBag        SourceKind = C.XNA_SOURCE_SESSION_BAG
)

// ImportHandler understands one kind of input. It is asked by several goroutines at once, for
// different imports; it may read from the engine, and change nothing through it.
type ImportHandler interface {
	// Accepts says whether an input of that name ("-" for a stream) is the handler's, when a request
	// names none. A handler that is used only by name returns false.
	Accepts(input string, kind SourceKind) bool
	// Describe visits the files, and says which belong to which session, scan and resource. An error
	// ends the import and changes nothing.
	Describe(*Import) error
}

// Register adds a handler under its permanent name: 1 to 32 of [A-Za-z0-9-]. Not while another
// goroutine uses the engine. ErrAlreadyExists when the name is taken ("SI" and "DICOM-zip" are
// built in).
func (e *Engine) Register(name string, handler ImportHandler) error {
	c := e.begin(background, nil)
	given := (*C.xna_import_handler)(c.alloc(C.sizeof_xna_import_handler))
	bindImportHandler(given, c.handle(handler), c.text(name))
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_register(e.handle, given, failure)
	})
}

// Import is one import, as a handler sees it: its files, and the sessions it makes of them. Valid
// until Describe returns.
type Import struct {
	Call
	handle *C.xna_import
}

// File is one file of an import. Valid until its visit returns.
type File struct{ handle *C.xna_file }

// Session is one session a handler has found. Valid until Describe returns.
type Session struct{ handle *C.xna_session }

// Name is the name the input was given: last component of a path, "-" for a stream.
func (i *Import) Name() string { return C.GoString(C.xna_import_name(i.handle)) }

// Kind is the input's kind.
func (i *Import) Kind() SourceKind { return SourceKind(C.xna_import_kind(i.handle)) }

// Parameter is a parameter of the request by XNAT's name ("project", "subject", ...) or the
// handler's own; false when it was not given.
func (i *Import) Parameter(name string) (value string, given bool) {
	var texts cTexts
	defer texts.free()
	cValue := C.xna_import_parameter(i.handle, texts.add(name))
	return C.GoString(cValue), cValue != nil && texts.err == nil
}

// FindProject is the ID of the project that has this ID or alias; false when there is none that the
// user may edit.
func (i *Import) FindProject(name string) (id string, found bool) {
	var texts cTexts
	defer texts.free()
	cID := C.xna_import_find_project(i.handle, texts.add(name))
	return C.GoString(cID), cID != nil && texts.err == nil
}

// EachFile calls visit once for each file, in the input's order, until it returns an error, which is
// returned as it is. Containers are streamed: a second time may be ErrUnsupported.
func (i *Import) EachFile(visit func(*File) error) error {
	to := &visitor{visit: visit}
	handle := cgo.NewHandle(to)
	defer handle.Delete()
	var failure *C.xna_error
	err := takeError(eachFile(i.handle, C.uintptr_t(handle), &failure), failure)
	if to.err != nil {
		return to.err
	}
	return err
}

// AddSession appends an empty session.
func (i *Import) AddSession() (*Session, error) {
	session := C.xna_import_add_session(i.handle)
	if session == nil {
		return nil, &Error{Status: ErrInvalidArgument, Reason: "capi.bad-handle",
			Message: "the import is over, or memory ran out"}
	}
	return &Session{session}, nil
}

// Entry is where a file goes, and what is known about it.
type Entry struct {
	ScanID         string // "": the session itself.
	Resource       string // Label.
	URI            string // Path inside the resource. "": the file's path.
	Format         string // Such as "NIFTI".
	Content        string
	UID            string // SOP Instance UID.
	InstanceNumber *int64
	DICOM          bool // It is a DICOM object.
}

// Keep makes the file part of a resource. A second file of the same resource and URI takes the place
// of the first. A failure to write may be returned by a later call.
func (i *Import) Keep(file *File, session *Session, entry Entry) error {
	var texts cTexts
	defer texts.free()
	var given C.xna_entry
	C.xna_entry_init(&given, C.sizeof_xna_entry)
	given.uri = texts.add(entry.URI)
	given.format = texts.add(entry.Format)
	given.content = texts.add(entry.Content)
	given.uid = texts.add(entry.UID)
	if entry.InstanceNumber != nil {
		given.instance_number = C.int64_t(*entry.InstanceNumber)
	}
	if entry.DICOM {
		given.flags |= C.XNA_ENTRY_DICOM
	}
	scan, resource := texts.add(entry.ScanID), texts.add(entry.Resource)
	if texts.err != nil {
		return texts.err
	}
	var failure *C.xna_error
	return takeError(C.xna_import_keep(i.handle, file.handle, session.handle, scan, resource, &given,
		&failure), failure)
}

// Skip leaves the file out: counted and told, not an error. reason is a slug of the host's own,
// message one line without patient data.
func (i *Import) Skip(file *File, reason, message string) {
	var texts cTexts
	defer texts.free()
	C.xna_import_skip(i.handle, file.handle, texts.add(reason), texts.add(message))
}

// Path is the path inside the input: relative, '/' separated, no "..".
func (f *File) Path() string { return C.GoString(C.xna_file_path(f.handle)) }

// Size is in bytes; -1 where the input does not say.
func (f *File) Size() int64 { return int64(C.xna_file_size(f.handle)) }

// Head is the file's first sizeMax bytes, or all of a shorter file. Reading does not use it up.
func (f *File) Head(sizeMax int) ([]byte, error) {
	var size C.size_t
	var failure *C.xna_error
	head := C.xna_file_head(f.handle, C.size_t(sizeMax), &size, &failure)
	if failure != nil {
		return nil, takeError(C.xna_error_status(failure), failure)
	}
	bytes := make([]byte, size)
	copy(bytes, unsafe.Slice((*byte)(head), int(size)))
	return bytes, nil
}

// Document is the session's document, to be filled: "xsi_type", "label", "subject_ID" and at least
// one scan make a session that can be archived.
func (s *Session) Document() *Document { return &Document{C.xna_session_document(s.handle)} }

// SessionInfo is what the data says of a session.
type SessionInfo struct {
	NeedsBuild  bool   // Has to be built from its DICOM headers first.
	AutoArchive bool   // Archive at once.
	WaitForUser bool   // Do not.
	ScanDate    string // "yyyy-MM-dd", for the prearchive's table.
	ScanTime    string // "HH:mm:ss"
}

// Describe sets this.
func (s *Session) Describe(info SessionInfo) error {
	var texts cTexts
	defer texts.free()
	date, time := texts.add(info.ScanDate), texts.add(info.ScanTime)
	if texts.err != nil {
		return texts.err
	}
	flags := flag(info.NeedsBuild, C.XNA_SESSION_NEEDS_BUILD) |
		flag(info.AutoArchive, C.XNA_SESSION_AUTO_ARCHIVE) |
		flag(info.WaitForUser, C.XNA_SESSION_WAIT_FOR_USER)
	var failure *C.xna_error
	return takeError(C.xna_session_describe(s.handle, flags, date, time, &failure), failure)
}

func flag(set bool, value C.uint32_t) C.uint32_t {
	if set {
		return value
	}
	return 0
}
