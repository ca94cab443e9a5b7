package xnatarchive_test

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	xa "example.org/xnatarchive"
)

var ctx = context.Background()

func TestMain(m *testing.M) {
	if os.Getenv("MAKE_DICOM") == "" {
		fmt.Fprintln(os.Stderr, "set MAKE_DICOM to the program make_dicom of the library's build")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// must ends the test. Not for functions of the host.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails checks an error's status and reason, and returns it.
func fails(t *testing.T, err error, status xa.Status, reason string) *xa.Error {
	t.Helper()
	var failure *xa.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got %v, expected %s %s", err, status, reason)
	}
	if !errors.Is(err, status) || failure.Reason != reason {
		t.Fatalf("got %v, expected %s %s", err, status, reason)
	}
	return failure
}

// open makes and opens a root with the project P.
func open(t *testing.T, options xa.Options) *xa.Engine {
	t.Helper()
	options.Root = filepath.Join(t.TempDir(), "root")
	ok(t, xa.CreateRoot(options, xa.RootOptions{SiteID: "TEST"}))
	engine := must[*xa.Engine](t)(xa.Open(options))
	t.Cleanup(func() { engine.Close() })
	ok(t, engine.AddProject(ctx, xa.Project{ID: "P"}))
	return engine
}

type study struct {
	studies, series, instances int
	label                      string
}

// zipOf makes a zip of new DICOM files of project P; sessions are label1, label2, ...
func zipOf(t *testing.T, s study) string {
	t.Helper()
	folder := t.TempDir()
	output, err := exec.Command(os.Getenv("MAKE_DICOM"), "--out", filepath.Join(folder, "dicom"),
		"--studies", strconv.Itoa(max(1, s.studies)), "--series", strconv.Itoa(max(1, s.series)),
		"--instances", strconv.Itoa(max(1, s.instances)), "--rows", "16", "--cols", "16",
		"--label-prefix", s.label, "--project", "P").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	path := filepath.Join(folder, "study.zip")
	ok(t, zipFolder(filepath.Join(folder, "dicom"), path))
	return path
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func zipFolder(folder, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	writer := zip.NewWriter(file)
	err = filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		to, err := writer.Create(relative)
		if err != nil {
			return err
		}
		_, err = to.Write(data)
		return err
	})
	return errors.Join(err, writer.Close())
}

// received imports a new study and returns its only session.
func received(t *testing.T, engine *xa.Engine, s study) string {
	t.Helper()
	report := must[*xa.ImportReport](t)(engine.Import(ctx, xa.ImportRequest{Path: zipOf(t, s)}))
	if len(report.URIs) != 1 {
		t.Fatalf("sessions: %q", report.URIs)
	}
	return report.URIs[0]
}

// archived archives a new study of one session and returns its URI.
func archived(t *testing.T, engine *xa.Engine, s study) string {
	t.Helper()
	request := xa.ArchiveRequest{Src: received(t, engine, s)}
	return must[*xa.ArchiveReport](t)(engine.Archive(ctx, request)).URI
}

// folderOf makes a folder of these files.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		ok(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	return folder
}

// names is the first column of a listing, in one line.
func names(listing *xa.Listing) string {
	var first []string
	for _, row := range listing.Rows {
		first = append(first, row[0])
	}
	return strings.Join(first, " ")
}

// runProgram builds and runs archive_round, and returns its standard output.
func runProgram(t *testing.T, arguments ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "archive_round")
	if output, err := exec.Command("go", "build", "-o", program, "./cmd/archive_round").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	output, err := exec.Command(program, arguments...).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return string(output)
}
