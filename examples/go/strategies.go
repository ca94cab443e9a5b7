package xnatarchive

/*
#include <stdlib.h>
#include <xnatarchive.h>
*/
import "C"

import (
	"encoding/json"
	"time"
	"unsafe"
)

// Permission is what somebody wants to do.
type Permission int32

const (
	PermissionRead   Permission = C.XNA_PERMISSION_READ
	PermissionEdit   Permission = C.XNA_PERMISSION_EDIT
	PermissionDelete Permission = C.XNA_PERMISSION_DELETE
	PermissionAdmin  Permission = C.XNA_PERMISSION_ADMIN
)

// AccessPolicy decides whether user ("": nobody in particular) may do this to project ("":
// Unassigned sessions; with PermissionAdmin the site). nil: yes. ErrPermission: no. Any other error:
// it could not be decided, and the call fails. It may read from the engine.
type AccessPolicy func(user string, permission Permission, project string) error

// EventKind is what happened. New ones may come; pass over those you do not know.
type EventKind int32

const (
	EventReceived         EventKind = C.XNA_EVENT_RECEIVED
	EventBuilt            EventKind = C.XNA_EVENT_BUILT
	EventArchived         EventKind = C.XNA_EVENT_ARCHIVED
	EventMerged           EventKind = C.XNA_EVENT_MERGED
	EventRefreshed        EventKind = C.XNA_EVENT_REFRESHED
	EventDeleted          EventKind = C.XNA_EVENT_DELETED
	EventFailed           EventKind = C.XNA_EVENT_FAILED
	EventPipelineFinished EventKind = C.XNA_EVENT_PIPELINE_FINISHED
	EventMoved            EventKind = C.XNA_EVENT_MOVED
)

// Event is one thing that happened.
type Event struct {
	Kind                                      EventKind
	Status                                    Status // 0 when nothing failed.
	Time                                      time.Time
	AuditID                                   int64
	Scans, Files, Bytes                       uint64
	User, Project, Subject, Label, Experiment string
	URI                                       string
	Reason, Message                           string // Of a failure.
}

func eventOf(from *C.xna_event) Event {
	return Event{
		Kind: EventKind(from.kind), Status: Status(from.status),
		Time: time.UnixMilli(int64(from.time_ms)).UTC(), AuditID: int64(from.audit_id),
		Scans: uint64(from.scans), Files: uint64(from.files), Bytes: uint64(from.bytes),
		User: C.GoString(from.user), Project: C.GoString(from.project),
		Subject: C.GoString(from.subject), Label: C.GoString(from.label),
		Experiment: C.GoString(from.experiment_id), URI: C.GoString(from.uri),
		Reason: C.GoString(from.reason), Message: C.GoString(from.message),
	}
}

// EventSink hears what has happened, with no lock held: it may call the engine in any way. An error
// is noted in the report of the call, and changes nothing.
type EventSink func(Event) error

// LogLevel is how much a line matters.
type LogLevel int32

const (
	LogInfo    LogLevel = C.XNA_LOG_INFO    // Something was done.
	LogWarning LogLevel = C.XNA_LOG_WARNING // A call failed because of its input or the state of things.
	LogError   LogLevel = C.XNA_LOG_ERROR   // A disk, a function of the host or the library failed.
)

// LogSink hears one line for each event, each failed call, and what opening recovered. It may not
// call the engine.
type LogSink func(level LogLevel, line string)

// Candidate is a session that is about to be archived. Valid until the function that got it returns.
type Candidate struct {
	Call
	handle *C.xna_candidate
}

// CandidateContent is where a candidate goes, and its files.
type CandidateContent struct {
	Project   string `json:"project"`
	Subject   string `json:"subject"`
	Label     string `json:"label"`
	Exists    bool   `json:"exists"`
	Resources []struct {
		ScanID  string `json:"scan_id"`
		Label   string `json:"label"`
		Format  string `json:"format"`
		Content string `json:"content"`
		Files   []struct {
			URI    string `json:"uri"`
			Size   string `json:"size"`
			Digest string `json:"digest"`
			UID    string `json:"uid"`
			Format string `json:"format"`
		} `json:"files"`
	} `json:"resources"`
}

// Document is the session's document as it would be archived; read-only.
func (c *Candidate) Document() *Document { return &Document{C.xna_candidate_document(c.handle)} }

// Content tells where the session goes (texts are empty when that is not known), whether one is
// there, and every file.
func (c *Candidate) Content() (content CandidateContent, err error) {
	var text *C.xna_text
	var failure *C.xna_error
	if err = takeError(C.xna_candidate_json(c.handle, &text, &failure), failure); err == nil {
		err = json.Unmarshal(takeText(text), &content)
	}
	return content, err
}

// Fail adds a finding that keeps the session in the prearchive. reason is a slug of the host's own,
// message one line without patient data; here and in Warn.
func (c *Candidate) Fail(reason, message string) { c.find(C.XNA_FINDING_FAIL, reason, message) }

// Warn adds a finding that is told, while the session is archived.
func (c *Candidate) Warn(reason, message string) { c.find(C.XNA_FINDING_WARN, reason, message) }

func (c *Candidate) find(kind C.int32_t, reason, message string) {
	cReason, cMessage := C.CString(reason), C.CString(message)
	defer C.free(unsafe.Pointer(cReason))
	defer C.free(unsafe.Pointer(cMessage))
	C.xna_candidate_find(c.handle, kind, cReason, cMessage)
}

// Validator is a host's own check of what is archived: it adds what it finds to the candidate. An
// error ends the call, and changes nothing. It may read from the engine.
type Validator func(*Candidate) error

// SessionFiles are the files of a session that is about to be archived. An error of its methods
// ends the call, also when the function that got it returns nil.
type SessionFiles struct{ handle *C.xna_session_files }

// Paths are the files' paths relative to the session, sorted.
func (f *SessionFiles) Paths() []string {
	paths := make([]string, C.xna_session_files_count(f.handle))
	for i := range paths {
		paths[i] = C.GoString(C.xna_session_files_path(f.handle, C.size_t(i)))
	}
	return paths
}

// Read returns all bytes of one file.
func (f *SessionFiles) Read(path string) ([]byte, error) {
	var text *C.xna_text
	err := f.with(path, func(cPath *C.char, failure **C.xna_error) C.xna_status {
		return C.xna_session_files_read(f.handle, cPath, &text, failure)
	})
	if err != nil {
		return nil, err
	}
	return takeText(text), nil
}

// Replace has these bytes archived in the file's place.
func (f *SessionFiles) Replace(path string, data []byte) error {
	return f.with(path, func(cPath *C.char, failure **C.xna_error) C.xna_status {
		return C.xna_session_files_replace(f.handle, cPath,
			unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data)), failure)
	})
}

// Reject leaves the file out.
func (f *SessionFiles) Reject(path string) error {
	return f.with(path, func(cPath *C.char, failure **C.xna_error) C.xna_status {
		return C.xna_session_files_reject(f.handle, cPath, failure)
	})
}

func (f *SessionFiles) with(path string,
	body func(path *C.char, failure **C.xna_error) C.xna_status) error {
	if err := badText(path); err != nil {
		return err
	}
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	var failure *C.xna_error
	return takeError(body(cPath, &failure), failure)
}

// Transform rewrites sessions on their way into the archive.
type Transform struct {
	// Name and version, such as "anonymize 2.1": 1 to 64 printable ASCII characters.
	Name string
	// Rewrite changes files, and the document, which is the one that will be archived. An error ends
	// the call, and changes nothing. It may read from the engine.
	Rewrite func(*Candidate, *SessionFiles, *Document) error
}

// Pipeline is what a launcher is asked for. Valid until the launcher returns.
type Pipeline struct {
	Call
	Command    string // The project's AutoRun setting.
	Project    string
	Subject    string // Label.
	Session    string // Label.
	Experiment string // ID.
	URI        string
	Directory  string // Absolute path of the archived session.
	User       string
	Timeout    time.Duration // What the project allows; 0: the launcher's own.
}

func pipelineOf(from *C.xna_pipeline_request, callback *C.xna_callback) *Pipeline {
	return &Pipeline{
		Call: Call{callback}, Command: C.GoString(from.command), Project: C.GoString(from.project),
		Subject: C.GoString(from.subject_label), Session: C.GoString(from.session_label),
		Experiment: C.GoString(from.experiment_id), URI: C.GoString(from.uri),
		Directory: C.GoString(from.directory), User: C.GoString(from.user),
		Timeout: time.Duration(from.timeout_ms) * time.Millisecond,
	}
}

// Write adds to the output of the pipeline; the first 64 KiB go into the audit record.
func (p *Pipeline) Write(data []byte) (int, error) {
	C.xna_callback_print(p.handle, (*C.char)(unsafe.Pointer(unsafe.SliceData(data))),
		C.size_t(len(data)))
	return len(data), nil
}

// PipelineLauncher runs AutoRun, when the session is archived and its locks are released: it may
// call the engine in any way. It returns when the pipeline has ended; an error stands in the report
// of the call, and changes nothing. ErrPassthrough: the command is run by /bin/sh.
type PipelineLauncher func(*Pipeline) error
