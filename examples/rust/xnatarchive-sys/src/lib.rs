//! The C interface of xnatarchive, as it is: `xnatarchive.h`, whose comments are the manual, as
//! bindgen reads it. Programs use the crate `xnatarchive`.
#![allow(non_camel_case_types)]

include!("declarations.rs");
