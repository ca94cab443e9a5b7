//! Texts, reports and rows, from and to the library.
use std::ffi::{c_char, CStr, CString};
use std::path::Path;
use std::ptr;

use serde::de::DeserializeOwned;
use xnatarchive_sys as sys;

use crate::error::{Error, Result, Status};

/// A copy of a text the library owns; "" for NULL.
pub(crate) fn borrowed(text: *const c_char) -> String {
    found(text).unwrap_or_default()
}

/// The same; `None` for NULL.
pub(crate) fn found(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // NUL-terminated, and valid until its parent is freed.
    Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// Copies for the C side of the texts of one call. What it hands out is valid as long as it lives.
#[derive(Default)]
pub(crate) struct Texts {
    copies: Vec<CString>,
    arrays: Vec<Vec<*const c_char>>,
}

impl Texts {
    /// NULL for "".
    pub fn add(&mut self, text: &str) -> Result<*const c_char> {
        if text.is_empty() {
            return Ok(ptr::null());
        }
        self.copy(text)
    }

    fn copy(&mut self, text: &str) -> Result<*const c_char> {
        let copy = CString::new(text).map_err(|_| Error::bad_text("a text has a NUL"))?;
        let at = copy.as_ptr();
        self.copies.push(copy);
        Ok(at)
    }

    pub fn path(&mut self, path: &Path) -> Result<*const c_char> {
        self.add(path.to_str().ok_or_else(|| Error::bad_text("a path is not UTF-8"))?)
    }

    pub fn array<'t>(
        &mut self,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Result<*const *const c_char> {
        let array = texts.into_iter().map(|text| self.copy(text)).collect::<Result<Vec<_>>>()?;
        let at = if array.is_empty() { ptr::null() } else { array.as_ptr() };
        self.arrays.push(array);
        Ok(at)
    }

    /// Names and values in turn.
    pub fn pairs(&mut self, pairs: &[(String, String)]) -> Result<*const *const c_char> {
        self.array(pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]))
    }
}

/// Calls the library: what it stored, or the error.
pub(crate) fn checked(call: impl FnOnce(*mut *mut sys::xna_error) -> i32) -> Result<()> {
    let mut error = ptr::null_mut();
    match call(&mut error) {
        sys::XNA_OK => Ok(()),
        status => Err(Error::take(status, error)),
    }
}

/// The same for a function with one out parameter, whose handle the caller owns then.
pub(crate) fn made<T>(
    call: impl FnOnce(*mut *mut T, *mut *mut sys::xna_error) -> i32,
) -> Result<*mut T> {
    let mut handle = ptr::null_mut();
    checked(|error| call(&mut handle, error))?;
    Ok(handle)
}

pub(crate) fn take_text(text: *mut sys::xna_text) -> Vec<u8> {
    unsafe {
        let data = sys::xna_text_data(text).cast::<u8>();
        let bytes = match sys::xna_text_size(text) {
            0 => Vec::new(),
            size => std::slice::from_raw_parts(data, size).to_vec(),
        };
        sys::xna_text_free(text);
        bytes
    }
}

pub(crate) fn parsed<R: DeserializeOwned>(json: &[u8]) -> Result<R> {
    serde_json::from_slice(json)
        .map_err(|error| Error::new(Status::Internal, "binding.bad-json", error.to_string()))
}

pub(crate) fn take_report<R: DeserializeOwned>(report: *mut sys::xna_report) -> Result<R> {
    unsafe {
        let json = sys::xna_report_json(report).cast::<u8>();
        let result = if json.is_null() {
            Err(Error::new(Status::NoMemory, "capi.no-memory", "memory ran out"))
        } else {
            parsed(std::slice::from_raw_parts(json, sys::xna_report_json_size(report)))
        };
        sys::xna_report_free(report);
        result
    }
}

/// Rows of text, each with a cell for every column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Listing {
    /// The cell of a row in the column of that name.
    pub fn value(&self, row: usize, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        Some(self.rows.get(row)?.get(at)?)
    }

    pub(crate) fn take(from: *mut sys::xna_listing) -> Listing {
        unsafe {
            let count = sys::xna_listing_column_count(from);
            let columns = (0..count).map(|i| borrowed(sys::xna_listing_column(from, i))).collect();
            let mut rows = Vec::new();
            while sys::xna_listing_next(from) != 0 {
                rows.push((0..count).map(|i| borrowed(sys::xna_listing_value(from, i))).collect());
            }
            sys::xna_listing_free(from);
            Listing { columns, rows }
        }
    }
}
