//! The document of a session.
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use xnatarchive_sys as sys;

use crate::error::Result;
use crate::text::{borrowed, checked, found, made, parsed, take_text, Texts};

/// The document of a session: of one that is there a copy; in a function of the host perhaps the one
/// that will be archived, which can then be changed.
#[derive(Debug)]
pub struct Document<'a> {
    handle: *mut sys::xna_document,
    owned: bool,
    during: PhantomData<&'a ()>,
}

// One thread at a time, whichever.
unsafe impl Send for Document<'_> {}

impl Drop for Document<'_> {
    fn drop(&mut self) {
        if self.owned {
            unsafe { sys::xna_document_free(self.handle) }
        }
    }
}

impl Document<'_> {
    pub(crate) fn owned(handle: *mut sys::xna_document) -> Document<'static> {
        Document { handle, owned: true, during: PhantomData }
    }

    pub(crate) fn borrowed<'a>(handle: *mut sys::xna_document) -> Document<'a> {
        Document { handle, owned: false, during: PhantomData }
    }

    /// All of it, as it is now: "xsi_type", "id", "uid", "project", "label", "attributes",
    /// "elements", "resources", "scans"; as `serde_json::Value`, or a struct of your own.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        let text = made(|out, error| unsafe { sys::xna_document_json(self.handle, out, error) })?;
        parsed(&take_text(text))
    }

    /// IDs of its scans, in the document's order.
    pub fn scan_ids(&self) -> Vec<String> {
        let count = unsafe { sys::xna_document_scan_count(self.handle) };
        (0..count).map(|i| borrowed(unsafe { sys::xna_document_scan_id(self.handle, i) })).collect()
    }

    /// One value, "" when it is not set. `path` is "xsi_type", "id", "uid", "project", "label", or
    /// XNAT's path of local names, such as "subject_ID", "fields/field[name=note]".
    pub fn get(&self, path: &str) -> Option<String> {
        self.value("", path)
    }

    /// The same of a scan, which also has "type". `None` for a scan that is not there.
    pub fn get_of_scan(&self, scan_id: &str, path: &str) -> Option<String> {
        self.value(scan_id, path)
    }

    fn value(&self, scan_id: &str, path: &str) -> Option<String> {
        let mut texts = Texts::default();
        let (scan, path) = (texts.add(scan_id).ok()?, texts.add(path).ok()?);
        found(unsafe { sys::xna_document_get(self.handle, scan, path) })
    }

    /// Sets it; "" removes it. `Unsupported` "document.read-only" for a document that is not the
    /// function's to change.
    pub fn set(&mut self, path: &str, value: &str) -> Result<()> {
        self.set_of_scan("", path, value)
    }

    /// The same of a scan. `NotFound` "document.no-scan".
    pub fn set_of_scan(&mut self, scan_id: &str, path: &str, value: &str) -> Result<()> {
        let mut texts = Texts::default();
        let (scan, path, value) = (texts.add(scan_id)?, texts.add(path)?, texts.add(value)?);
        checked(|error| unsafe { sys::xna_document_set(self.handle, scan, path, value, error) })
    }

    /// Adds a scan, such as ("1", "xnat:mrScanData"), at the end. `AlreadyExists`
    /// "document.scan-exists"; `Unsupported` "document.read-only".
    pub fn add_scan(&mut self, scan_id: &str, xsi_type: &str) -> Result<()> {
        let mut texts = Texts::default();
        let (scan, xsi_type) = (texts.add(scan_id)?, texts.add(xsi_type)?);
        checked(|error| unsafe { sys::xna_document_add_scan(self.handle, scan, xsi_type, error) })
    }
}
