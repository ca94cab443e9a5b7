package xnatarchive

/*
#include <xnatarchive.h>
*/
import "C"

import (
	"io"
	"time"
	"unsafe"
)

// ImportRequest is one input: exactly one of Path, Data and Input is given.
type ImportRequest struct {
	Path    string    // File, folder or container.
	Data    []byte    // A container or file in memory; not to be changed until the call has ended.
	Input   io.Reader // A container or file that is still coming in. Read on the call's goroutine.
	Handler string    // "": the first that accepts the input.
	Dest    string    // A prearchive or archive URI; an archive URI archives at once.
	// "project", "subject", "session", "rename", "Ignore-Unparsable", "overwrite", and a handler's own.
	Parameters map[string]string
}

func (r *ImportRequest) fill(c *call) *C.xna_import_request {
	request := (*C.xna_import_request)(c.alloc(C.sizeof_xna_import_request))
	C.xna_import_request_init(request, C.sizeof_xna_import_request)
	request.path = c.text(r.Path)
	if r.Data != nil {
		request.data = c.alloc(1) // what has no bytes is given all the same
		if len(r.Data) > 0 {
			c.pinned.Pin(unsafe.SliceData(r.Data))
			request.data = unsafe.Pointer(unsafe.SliceData(r.Data))
		}
		request.data_size = C.size_t(len(r.Data))
	}
	if r.Input != nil {
		from := (*C.xna_input)(c.alloc(C.sizeof_xna_input))
		bindInput(from, c.handle(&input{call: c, from: r.Input}))
		request.input = from
	}
	request.handler = c.text(r.Handler)
	request.dest = c.text(r.Dest)
	request.parameters, request.parameter_count = c.pairs(r.Parameters)
	return request
}

// Overwrite is what archiving does with a session that exists.
type Overwrite int32

const (
	OverwriteNone   Overwrite = C.XNA_OVERWRITE_NONE   // It is a conflict.
	OverwriteAppend Overwrite = C.XNA_OVERWRITE_APPEND // Add what is not there.
	OverwriteDelete Overwrite = C.XNA_OVERWRITE_DELETE // Add and replace; what is replaced goes to the history.
)

// ArchiveRequest is one prearchive session that is to be archived.
type ArchiveRequest struct {
	Src         string // Prearchive URI of one session.
	Dest        string // "", or an archive URI of a project, subject or experiment.
	Overwrite   Overwrite
	Quarantine  bool              // Quarantined, whatever the project says.
	NoPipelines bool              // AutoRun is not launched.
	Wait        time.Duration     // How long to wait for whoever works on it; then ErrLocked.
	Parameters  map[string]string // "project", "subject", "session" or "label", "event_reason".
	Fields      map[string]string // XNAT's XML paths and the values to set; set in their order.
}

func (r *ArchiveRequest) fill(c *call) *C.xna_archive_request {
	request := (*C.xna_archive_request)(c.alloc(C.sizeof_xna_archive_request))
	C.xna_archive_request_init(request, C.sizeof_xna_archive_request)
	request.flags = flag(r.Quarantine, C.XNA_ARCHIVE_QUARANTINE) |
		flag(r.NoPipelines, C.XNA_ARCHIVE_NO_PIPELINES)
	request.src = c.text(r.Src)
	request.dest = c.text(r.Dest)
	request.overwrite = C.int32_t(r.Overwrite)
	request.wait_ms = C.int64_t(r.Wait.Milliseconds())
	request.parameters, request.parameter_count = c.pairs(r.Parameters)
	request.fields, request.field_count = c.pairs(r.Fields)
	return request
}

// RefreshRequest says which catalogs are brought up to date, and how. With none of the first four
// it is done as the site says.
type RefreshRequest struct {
	URIs          []string // Of projects, subjects, experiments, scans, resources.
	Append        bool
	Checksum      bool
	Delete        bool
	PopulateStats bool
	Force         bool          // Removes and renews also what looks like an accident.
	Rebuild       bool          // Makes lost and damaged catalogs anew.
	Wait          time.Duration // How long to wait for whoever works on a session.
}

func (r *RefreshRequest) fill(c *call) *C.xna_refresh_request {
	request := (*C.xna_refresh_request)(c.alloc(C.sizeof_xna_refresh_request))
	C.xna_refresh_request_init(request, C.sizeof_xna_refresh_request)
	request.flags = flag(r.Append, C.XNA_REFRESH_APPEND) |
		flag(r.Checksum, C.XNA_REFRESH_CHECKSUM) | flag(r.Delete, C.XNA_REFRESH_DELETE) |
		flag(r.PopulateStats, C.XNA_REFRESH_POPULATE_STATS) |
		flag(r.Force, C.XNA_REFRESH_FORCE) | flag(r.Rebuild, C.XNA_REFRESH_REBUILD)
	request.uris, request.uri_count = c.texts(r.URIs), C.size_t(len(r.URIs))
	request.wait_ms = C.int64_t(r.Wait.Milliseconds())
	return request
}

// VerifyRequest says what is read and compared.
type VerifyRequest struct {
	URIs              []string // None: everything the caller may read.
	SamplePercent     float64  // Share of the files that are read. 0: all.
	Seed              uint64   // Chooses the sample; 0: one of its own.
	BytesPerSecondMax uint64   // 0: as fast as the disk allows.
	ResumePath        string   // A file outside of the trees that keeps how far it is.
	AllDigests        bool     // All digests that are known; otherwise one is enough.
}

func (r *VerifyRequest) fill(c *call) *C.xna_verify_request {
	request := (*C.xna_verify_request)(c.alloc(C.sizeof_xna_verify_request))
	C.xna_verify_request_init(request, C.sizeof_xna_verify_request)
	request.flags = flag(r.AllDigests, C.XNA_VERIFY_ALL_DIGESTS)
	request.uris, request.uri_count = c.texts(r.URIs), C.size_t(len(r.URIs))
	if r.SamplePercent != 0 {
		request.sample_percent = C.double(r.SamplePercent)
	}
	request.seed = C.uint64_t(r.Seed)
	request.bytes_per_second_max = C.uint64_t(r.BytesPerSecondMax)
	request.resume_path = c.text(r.ResumePath)
	return request
}

// ExportRequest says what is copied where. One of Path and Output is given.
type ExportRequest struct {
	URI    string    // Of an archived experiment.
	Path   string    // A new directory, or a zip when it ends in ".zip".
	Output io.Writer // Takes a zip. Written to on the call's goroutine.
	Bag    bool      // A BagIt bag (RFC 8493) in place of the layout of XNAT's downloads.
}

func (r *ExportRequest) fill(c *call) *C.xna_export_request {
	request := (*C.xna_export_request)(c.alloc(C.sizeof_xna_export_request))
	C.xna_export_request_init(request, C.sizeof_xna_export_request)
	request.flags = flag(r.Bag, C.XNA_EXPORT_BAG)
	request.uri = c.text(r.URI)
	request.path = c.text(r.Path)
	if r.Output != nil {
		to := (*C.xna_output)(c.alloc(C.sizeof_xna_output))
		bindOutput(to, c.handle(&output{c, r.Output}))
		request.output = to
	}
	return request
}

// Project is a project, and of its settings those that are mostly given with it.
type Project struct {
	ID             string // A valid label, unique ignoring case.
	PrearchiveCode int32  // 0: sessions wait; 4: archived at once; 5: the same, overwriting.
	QuarantineCode int32  // 1: archived sessions are quarantined.
	AutoRun        string // Command for the launcher.
}

func (p *Project) fill(c *call) *C.xna_project {
	project := (*C.xna_project)(c.alloc(C.sizeof_xna_project))
	C.xna_project_init(project, C.sizeof_xna_project)
	project.id = c.text(p.ID)
	project.prearchive_code = C.int32_t(p.PrearchiveCode)
	project.quarantine_code = C.int32_t(p.QuarantineCode)
	project.autorun = c.text(p.AutoRun)
	return project
}
