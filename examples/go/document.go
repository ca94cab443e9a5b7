package xnatarchive

/*
#include <stdlib.h>
#include <xnatarchive.h>

// One row in one call.
static int32_t next_row(xna_listing *listing, size_t columns, const char **cells) {
  if (!xna_listing_next(listing)) return 0;
  for (size_t i = 0; i < columns; ++i) cells[i] = xna_listing_value(listing, i);
  return 1;
}
*/
import "C"

import (
	"encoding/json"
	"runtime"
	"unsafe"
)

// takeText frees the library's text.
func takeText(from *C.xna_text) []byte {
	defer C.xna_text_free(from)
	size := C.xna_text_size(from)
	if size == 0 {
		return nil
	}
	// In pieces, as C.GoBytes takes a C int.
	text := make([]byte, size)
	copy(text, unsafe.Slice((*byte)(unsafe.Pointer(C.xna_text_data(from))), int(size)))
	return text
}

// takeReport frees the library's report.
func takeReport(from *C.xna_report, to any) error {
	defer C.xna_report_free(from)
	text := C.xna_report_json(from)
	if text == nil {
		return &Error{Status: ErrNoMemory, Reason: "capi.no-memory", Message: "memory ran out"}
	}
	size := int(C.xna_report_json_size(from))
	return json.Unmarshal(unsafe.Slice((*byte)(unsafe.Pointer(text)), size), to)
}

// A Listing is rows of text, each with a cell for every column.
type Listing struct {
	Columns []string
	Rows    [][]string
}

// Value is the cell of a row in the column of that name; "" when there is none.
func (l *Listing) Value(row int, column string) string {
	for i, name := range l.Columns {
		if name == column {
			return l.Rows[row][i]
		}
	}
	return ""
}

// takeListing frees the library's listing.
func takeListing(from *C.xna_listing) *Listing {
	defer C.xna_listing_free(from)
	listing := &Listing{}
	count := C.xna_listing_column_count(from)
	for i := C.size_t(0); i < count; i++ {
		listing.Columns = append(listing.Columns, C.GoString(C.xna_listing_column(from, i)))
	}
	cells := make([]*C.char, count)
	for count > 0 && C.next_row(from, count, unsafe.SliceData(cells)) != 0 {
		row := make([]string, count)
		for i, cell := range cells {
			row[i] = C.GoString(cell)
		}
		listing.Rows = append(listing.Rows, row)
	}
	return listing
}

// A Document is the document of a session. One that Engine.Document gave is a copy, which Close
// frees; one that a function of the host got is gone when the function returns.
type Document struct{ handle *C.xna_document }

func newDocument(handle *C.xna_document) *Document {
	document := &Document{handle}
	runtime.SetFinalizer(document, func(d *Document) { C.xna_document_free(d.handle) })
	return document
}

// Close frees the document. Afterwards it has no scans and no values. Never fails.
func (d *Document) Close() error {
	runtime.SetFinalizer(d, nil)
	C.xna_document_free(d.handle)
	return nil
}

// MarshalJSON gives all of it: "xsi_type", "id", "uid", "project", "label", "attributes",
// "elements", "resources", "scans".
func (d *Document) MarshalJSON() ([]byte, error) {
	defer runtime.KeepAlive(d)
	var text *C.xna_text
	var failure *C.xna_error
	if err := takeError(C.xna_document_json(d.handle, &text, &failure), failure); err != nil {
		return nil, err
	}
	return takeText(text), nil
}

// ScanIDs are the IDs of its scans, in the document's order.
func (d *Document) ScanIDs() []string {
	defer runtime.KeepAlive(d)
	ids := make([]string, C.xna_document_scan_count(d.handle))
	for i := range ids {
		ids[i] = C.GoString(C.xna_document_scan_id(d.handle, C.size_t(i)))
	}
	return ids
}

// Get is one value, "" when it is not set. path is "xsi_type", "id", "uid", "project", "label",
// "type" (of a scan), or XNAT's path of local names, such as "subject_ID" or
// "fields/field[name=note]". scanID "": of the session. False for a scan that is not there.
func (d *Document) Get(scanID, path string) (value string, found bool) {
	defer runtime.KeepAlive(d)
	var texts cTexts
	defer texts.free()
	cValue := C.xna_document_get(d.handle, texts.add(scanID), texts.add(path))
	if texts.err != nil || cValue == nil {
		return "", false
	}
	return C.GoString(cValue), true
}

// Set sets a value; "" removes it. ErrNotFound "document.no-scan"; ErrUnsupported
// "document.read-only" for a document that is not the function's to change.
func (d *Document) Set(scanID, path, value string) error {
	defer runtime.KeepAlive(d)
	var texts cTexts
	defer texts.free()
	cScan, cPath, cValue := texts.add(scanID), texts.add(path), texts.add(value)
	if texts.err != nil {
		return texts.err
	}
	var failure *C.xna_error
	return takeError(C.xna_document_set(d.handle, cScan, cPath, cValue, &failure), failure)
}

// AddScan adds a scan, such as ("1", "xnat:mrScanData"), at the end. ErrAlreadyExists
// "document.scan-exists"; ErrUnsupported "document.read-only".
func (d *Document) AddScan(scanID, xsiType string) error {
	defer runtime.KeepAlive(d)
	var texts cTexts
	defer texts.free()
	cScan, cType := texts.add(scanID), texts.add(xsiType)
	if texts.err != nil {
		return texts.err
	}
	var failure *C.xna_error
	return takeError(C.xna_document_add_scan(d.handle, cScan, cType, &failure), failure)
}

// cTexts are the texts of one call outside of an engine's.
type cTexts struct {
	copies []*C.char
	err    error
}

// add is NULL for "".
func (t *cTexts) add(text string) *C.char {
	if t.err == nil {
		t.err = badText(text)
	}
	if text == "" {
		return nil
	}
	copied := C.CString(text)
	t.copies = append(t.copies, copied)
	return copied
}

func (t *cTexts) free() {
	for _, copied := range t.copies {
		C.free(unsafe.Pointer(copied))
	}
}
